import ByteStorage

/// Keeps what a command reads from being replaced by what it writes.
enum InputGuard {
  /// - Parameter paths: Inputs as the user named them; folders are passed over.
  /// - Throws: `usage` where the output, or a file that would be written first beside it, is one of them.
  static func check(output: String, inputs paths: [String?]) throws(GriffinError) {
    for path in paths.compactMap(\.self) where FileSystem.kind(of: path) == .file {
      let file = try InputFile(path: path)
      for name in ["", OutputFile.partialSuffix, OutputFile.recordSuffix] where file.isSameFile(as: output + name) {
        throw GriffinError(.usage, file: output, "the output is also an input (\(path))", hints: ["choose another output"])
      }
    }
  }
}
