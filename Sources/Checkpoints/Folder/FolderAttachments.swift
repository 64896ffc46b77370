internal import ByteStorage

/// The files of a folder that travel with the weights.
struct FolderAttachments {
  private(set) var files: [CheckpointFile] = []
  private(set) var warnings: [String] = []

  private static let names: Set<String> = [
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
  ]
  private static let stems = ["chat_template", "license", "licence", "use_policy", "notice", "readme"]

  /// - Throws: `malformed` where a file is a placeholder that a failed download left.
  init(folder: String) throws(GriffinError) {
    for name in try FileSystem.names(inFolder: folder) where FolderAttachments.travels(name) {
      let path = FileSystem.path(folder, name)
      guard FileSystem.kind(of: path) == .file else { continue }
      let file = try InputFile(path: path)
      if let error = ForeignContent.placeholderError(file, expected: name) { throw error }
      guard file.byteCount <= CheckpointLimits.attachmentBytes else {
        warnings.append("\(path): left out, because it has \(file.byteCount) bytes".printable)
        continue
      }
      files.append(CheckpointFile(name: name, file: file))
    }
  }

  private static func travels(_ name: String) -> Bool {
    if names.contains(name) { return true }
    let stem = name.prefix { $0 != "." }.lowercased()
    return stems.contains { stem == $0 || stem.hasPrefix($0 + "-") || stem.hasPrefix($0 + "_") }
  }
}
