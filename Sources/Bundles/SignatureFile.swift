internal import ByteStorage

/// The file beside a model that holds a signature of it.
enum SignatureFile {
  /// - Parameters:
  ///   - name: What the file is, for the message where it is too large.
  ///   - absence: What is expected there, and `hints` how it is made.
  /// - Throws: `missing` or `unreadable`; `unsafe` above the limit.
  static func contents(
    _ path: String, limit: Int, name: String, absence: String, hints: [String]
  ) throws(GriffinError) -> ByteBuffer {
    let file: InputFile
    do throws(GriffinError) {
      file = try InputFile(path: path)
    } catch {
      guard error.kind == .missing else { throw error }
      throw GriffinError(.missing, file: path, "no such file; \(absence) is expected there", hints: hints)
    }
    return try file.contents(limit: limit, name: name)
  }
}
