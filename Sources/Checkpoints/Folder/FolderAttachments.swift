internal import ByteStorage

/// The files of a folder that travel with the weights.
struct FolderAttachments {
  private(set) var files: [CheckpointFile] = []
  private(set) var warnings: [String] = []

  static let names: Set<String> = [
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
  ]
  /// Names under which the files for people are looked for in a folder that cannot be listed.
  static let usualNames = [
    "LICENSE", "LICENSE.md", "LICENSE.txt", "NOTICE", "README.md", "USE_POLICY.md", "chat_template.jinja", "chat_template.json",
  ]
  private static let stems = ["chat_template", "license", "licence", "use_policy", "notice", "readme"]

  /// - Throws: `malformed` where a file is a placeholder that a failed download left, `unsafe` where configuration or
  ///   tokenizer is too large.
  init(folder: any FileFolder) throws(GriffinError) {
    var byteCount = 0
    let roots = folder is DiskFolder ? FolderAttachments.roots(of: folder.path) : nil
    // What decides how the model decodes comes before what is for people.
    let names = try folder.names().filter(FolderAttachments.travels)
    for name in names.filter(FolderAttachments.names.contains) + names.filter({ !FolderAttachments.names.contains($0) }) {
      let path = folder.path(of: name)
      guard try folder.kind(of: name) == .file else { continue }
      let file = try folder.open(name)
      if let error = ForeignContent.placeholderError(file, expected: name) { throw error }
      guard file.byteCount <= CheckpointLimits.attachmentBytes || !FolderAttachments.names.contains(name) else {
        throw GriffinError(
          .unsafe, file: path, "the file has \(file.byteCount) bytes; at most \(CheckpointLimits.attachmentBytes) are read")
      }
      guard byteCount + file.byteCount <= CheckpointLimits.allAttachmentBytes else {
        warnings.append("\(path): left out, because it has \(file.byteCount) bytes".printable)
        continue
      }
      if let roots, let place = FileSystem.resolved(path), !roots.contains(where: { place.hasPrefix($0 + "/") }) {
        warnings.append("\(path): leads out of its folder, to \(place); what is there goes into the bundle".printable)
      }
      byteCount += file.byteCount
      files.append(CheckpointFile(name: name, file: file))
    }
    // In the order of their names.
    files.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// The folders that files of a checkpoint lie in, links followed.
  private static func roots(of folder: String) -> [String] {
    guard let home = FileSystem.resolved(folder.isEmpty ? "." : folder) else { return [] }
    return [home] + (HubCache.blobs(ofSnapshot: home).flatMap(FileSystem.resolved).map { [$0] } ?? [])
  }

  private static func travels(_ name: String) -> Bool {
    if names.contains(name) { return true }
    let stem = name.prefix { $0 != "." }.lowercased()
    return stems.contains { stem == $0 || stem.hasPrefix($0 + "-") || stem.hasPrefix($0 + "_") }
  }
}
