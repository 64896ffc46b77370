internal import ByteStorage

extension SourceFormat {
  /// A folder as Hugging Face repositories are laid out.
  static let folder = SourceFormat(
    description: "a folder with config.json and weights",
    recognizes: { FileSystem.kind(of: $0) == .folder }
  ) { path, options throws(GriffinError) in
    // The weights first: a folder without any is most likely the wrong folder.
    let weights = try FolderWeights.open(folder: path) { names throws(GriffinError) in
      let configPath = FileSystem.path(path, "config.json")
      guard let check = options.checkBeforeShards, FileSystem.kind(of: configPath) == .file, let file = try? InputFile(path: configPath),
        let config = try? JSONValue.parse(file.bytes, limits: .config, file: configPath)
      else { return }
      try check(config, configPath, names)
    }
    return try Checkpoint(
      path: path, folder: path, source: weights.source, weightFiles: weights.files, warnings: weights.warnings)
  }

  /// One weight file with `config.json` beside it.
  static let weightFile = SourceFormat(
    description: "a .safetensors or .bin file with config.json beside it",
    recognizes: { FileSystem.kind(of: $0) == .file }
  ) { path, _ throws(GriffinError) in
    let (folder, name) = FileSystem.split(path)
    let file = try InputFile(path: path)
    if LoRAAdapter.isWeights(name), let error = LoRAAdapter.error(folder: folder, names: [name]) { throw error }
    guard let format = WeightFormat.all.first(where: { name.lowercased().hasSuffix($0.suffix) }) else {
      throw ForeignContent(file.bytes)?.error(file: path, expected: "a .safetensors or .bin file")
        ?? GriffinError(.unsupported, file: path, "expected a .safetensors or .bin file")
    }
    if let shard = ShardName(name), shard.count > 1 {
      throw GriffinError(
        .inconsistent, file: path, "this is shard \(shard.number) of \(shard.count), not a whole checkpoint",
        hints: ["name the folder: \(folder)"])
    }
    let opened = try format.open(file)
    return try Checkpoint(
      path: path, folder: folder, source: opened.source, weightFiles: [CheckpointFile(name: name, file: file)],
      warnings: opened.warnings)
  }
}
