internal import ByteStorage

extension SourceFormat {
  /// An address of another machine: of a folder, or of one file with the others beside it. Headers and small files are fetched, tensors
  /// when they are asked for.
  static let far = SourceFormat(
    description: "an address (https://..., s3://BUCKET/PREFIX, hf://OWNER/NAME[@REVISION]) of such a folder or file",
    recognizes: { path, options in options.far?.recognizes(path) ?? false }
  ) { path, options throws(GriffinError) in
    guard let far = options.far else { preconditionFailure("recognised by what is not there") }
    let names = WeightFormat.all.flatMap { [$0.indexName, $0.singleName] } + FolderAttachments.names.sorted() + FolderAttachments.usualNames
    let (folder, name) = try far.folder(of: path, lookingFor: names)
    guard let name else { return try Checkpoint(path: path, in: folder, options) }
    let lowered = name.lowercased()
    if let suffix = archiveSuffixes.first(where: lowered.hasSuffix) {
      throw GriffinError(
        .unsupported, file: path, "an archive (\(suffix)) is read from end to end before its first tensor is known; it is not read from afar",
        hints: ["fetch it and name the file, or name the folder that it was made of"])
    }
    if lowered.hasSuffix(".gguf") { return try gguf(GGUFParts(name, in: folder), path) }
    return try Checkpoint(path: path, weightFile: name, in: folder)
  }
}
