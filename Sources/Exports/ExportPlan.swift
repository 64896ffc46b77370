internal import ByteStorage

/// What an export will write, decided before a byte is written.
package struct ExportPlan: Sendable {
  /// How the files lie.
  package enum Layout: Sendable, Hashable {
    /// In a folder under the output's name.
    case folder
    /// Beside one another: a file's name is what is appended to the output's name, without the ending that all have; one
    /// without a name has the output's own.
    case files(ending: String)
  }

  package let layout: Layout
  package var files: [ExportFile]
  /// How many of the files, the last ones, are the draft's, where files lie beside one another.
  package var draftFileCount = 0
  /// What the user should know and no error says.
  package var warnings: [String]

  package init(layout: Layout, files: [ExportFile], warnings: [String] = []) {
    (self.layout, self.files, self.warnings) = (layout, files, warnings)
  }

  /// Bytes of all files.
  package var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// Where a file goes.
  package func path(of file: ExportFile, output: String) -> String {
    switch layout {
    case .folder: return FileSystem.path(output, file.name)
    case .files(let ending):
      guard !file.name.isEmpty else { return output }
      return (output.hasSuffix(ending) ? String(output.dropLast(ending.count)) : output) + file.name
    }
  }
}
