internal import ByteStorage

extension SourceFormat {
  /// A folder as Hugging Face repositories are laid out.
  static let folder = SourceFormat(
    description: "a folder with config.json and weights",
    recognizes: { path, _ in FileSystem.kind(of: path) == .folder }
  ) { path, options throws(GriffinError) in
    try Checkpoint(path: path, in: DiskFolder(path), options)
  }

  /// One weight file with `config.json` beside it.
  static let weightFile = SourceFormat(
    description: "a .safetensors or .bin file with config.json beside it",
    recognizes: { path, _ in FileSystem.kind(of: path) == .file }
  ) { path, _ throws(GriffinError) in
    let (folder, name) = FileSystem.split(path)
    return try Checkpoint(path: path, weightFile: name, in: DiskFolder(folder))
  }
}

extension Checkpoint {
  /// A folder, wherever it is.
  init(path: String, in folder: any FileFolder, _ options: SourceOptions) throws(GriffinError) {
    // The weights first: a folder without any is most likely the wrong folder.
    let weights = try FolderWeights.open(folder: folder) { names throws(GriffinError) in
      guard let check = options.checkBeforeShards, let kind = try? folder.kind(of: "config.json"), kind == .file,
        let file = try? folder.open("config.json"), (try? file.requireAll(atMost: JSONLimits.config.bytes)) != nil,
        let config = try? JSONValue.parse(file.bytes, limits: .config, file: file.path)
      else { return }
      try check(config, file.path, names)
    }
    try self.init(path: path, folder: folder, source: weights.source, weightFiles: weights.files, warnings: weights.warnings)
  }

  /// One weight file of a folder.
  init(path: String, weightFile name: String, in folder: any FileFolder) throws(GriffinError) {
    let file = try folder.open(name)
    if LoRAAdapter.isWeights(name), let error = LoRAAdapter.error(folder: folder, names: [name]) { throw error }
    guard let format = WeightFormat.all.first(where: { name.lowercased().hasSuffix($0.suffix) }) else {
      throw ForeignContent(file.bytes)?.error(file: path, expected: "a .safetensors or .bin file")
        ?? GriffinError(.unsupported, file: path, "expected a .safetensors or .bin file")
    }
    if let shard = ShardName(name), shard.count > 1 {
      throw GriffinError(
        .inconsistent, file: path, "this is shard \(shard.number) of \(shard.count), not a whole checkpoint",
        hints: ["name the folder: \(folder.path)"])
    }
    let opened = try format.open(file)
    try self.init(
      path: path, folder: folder, source: opened.source, weightFiles: [CheckpointFile(name: name, file: file)],
      warnings: opened.warnings)
  }
}
