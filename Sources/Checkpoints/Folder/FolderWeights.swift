internal import ByteStorage
internal import Tensors

/// The weight files of a folder, found and opened.
///
/// An index is preferred to a single file, and safetensors to PyTorch. Downloads often leave the
/// index of files that were not fetched: one whose shards are not all there is passed over, with a
/// warning, where another set of weights is complete.
struct FolderWeights {
  private(set) var source: any TensorSource
  private(set) var files: [CheckpointFile] = []
  private(set) var warnings: [String] = []

  /// Finds and opens the weights of a folder.
  /// - Throws: `missing` where there are none or a shard is not there, `inconsistent` where the
  ///   shards contradict their index, and what the format's reader throws.
  ///
  /// - Parameter beforeShards: Given the names in an index before its shards are opened.
  static func open(
    folder: String, beforeShards: ([String]) throws(GriffinError) -> Void = { _ in }
  ) throws(GriffinError) -> FolderWeights {
    var passedOver: [String] = []
    var firstError: GriffinError?
    for format in WeightFormat.all {
      let indexPath = FileSystem.path(folder, format.indexName)
      if FileSystem.kind(of: indexPath) != nil {
        let index = try ShardIndex(InputFile(path: indexPath))
        guard let missing = index.shards.first(where: { FileSystem.kind(of: FileSystem.path(folder, $0)) == nil }) else {
          try beforeShards(Array(index.shardOfTensor.keys))
          let beside = index.shards.contains(format.singleName) ? [] : FolderWeights.unread(folder, format)
          return try FolderWeights(folder: folder, format, index, warnings: passedOver + beside)
        }
        if firstError == nil { firstError = try FolderWeights.missingShard(folder, missing, format) }
        passedOver.append("\(indexPath): passed over, because its shard \(missing) is not there".printable)
      }
      let singlePath = FileSystem.path(folder, format.singleName)
      if FileSystem.kind(of: singlePath) != nil {
        let file = try InputFile(path: singlePath)
        let opened = try format.open(file)
        let files = [CheckpointFile(name: format.singleName, file: file)]
        return FolderWeights(source: opened.source, files: files, warnings: passedOver + opened.warnings)
      }
    }
    if let firstError { throw firstError }
    throw try FolderWeights.noWeights(folder)
  }

  private init(source: any TensorSource, files: [CheckpointFile], warnings: [String]) {
    (self.source, self.files, self.warnings) = (source, files, warnings)
  }

  /// Opens shards and holds them against their index.
  private init(folder: String, _ format: WeightFormat, _ index: ShardIndex, warnings: [String]) throws(GriffinError) {
    self.warnings = warnings
    var sources: [any TensorSource] = []
    var totalBytes = 0
    var seen: [String: Int] = [:]
    for (shard, name) in index.shards.enumerated() {
      let file = try InputFile(path: FileSystem.path(folder, name))
      if let twin = files.first(where: { $0.file.isSameFile(as: file) }) {
        throw GriffinError(.inconsistent, file: index.path, "the shards \(twin.name) and \(name) are one and the same file")
      }
      let opened = try format.open(file)
      for tensor in opened.source.tensors {
        guard let expected = index.shardOfTensor[tensor.name] else {
          throw GriffinError(
            .inconsistent, file: file.path, tensor: tensor.name, "the shard holds a tensor that the index \(format.indexName) does not list")
        }
        if let other = seen.updateValue(shard, forKey: tensor.name) {
          throw GriffinError(
            .inconsistent, file: file.path, tensor: tensor.name, "the tensor is also in the shard \(index.shards[other])")
        }
        guard expected == shard else {
          throw GriffinError(
            .inconsistent, file: file.path, tensor: tensor.name,
            "the index \(format.indexName) expects the tensor in \(index.shards[expected])")
        }
        totalBytes = totalBytes.adding(tensor.byteCount) ?? .max
      }
      sources.append(opened.source)
      files.append(CheckpointFile(name: name, file: file))
      self.warnings += opened.warnings
    }
    if let absent = index.shardOfTensor.keys.filter({ seen[$0] == nil }).min(), let shard = index.shardOfTensor[absent] {
      throw GriffinError(
        .inconsistent, file: FileSystem.path(folder, index.shards[shard]), tensor: absent,
        "the index \(format.indexName) expects the tensor in this shard, which does not hold it")
    }
    if let claimed = index.totalBytes, claimed != totalBytes {
      self.warnings.append("\(index.path): total_size is \(claimed), but the tensors take \(totalBytes) bytes")
    }
    source = CombinedSource(sources)
  }

  /// A line on a single file that lies beside a complete set of shards: which of the two was meant the folder does not say.
  private static func unread(_ folder: String, _ format: WeightFormat) -> [String] {
    let path = FileSystem.path(folder, format.singleName)
    guard FileSystem.kind(of: path) != nil else { return [] }
    return ["\(path): not read, because \(format.indexName) and all its shards are there; if the one file is meant, name it".printable]
  }

  private static func missingShard(_ folder: String, _ shard: String, _ format: WeightFormat) throws(GriffinError) -> GriffinError {
    let path = FileSystem.path(folder, shard)
    let problem = "the index \(format.indexName) names this shard, but it is not there"
    // Shards of another count are of another save, whose index is missing.
    let others = try FileSystem.names(inFolder: folder).filter { $0.hasSuffix(format.suffix) }.compactMap { name in
      ShardName(name).map { (name: name, count: $0.count) }
    }
    if let count = ShardName(shard)?.count, let other = others.first, !others.contains(where: { $0.count == count }) {
      return GriffinError(
        .missing, file: path, "\(problem); the folder holds shards of \(other.count), such as \(other.name), of another save".printable,
        hints: ["fetch the \(format.indexName) that belongs to the shards, or the shards that belong to the index"])
    }
    return GriffinError(.missing, file: path, problem, hints: ["the download may be incomplete; fetch the missing file"])
  }

  /// Says what was looked for, and what the user may have meant instead.
  private static func noWeights(_ folder: String) throws(GriffinError) -> GriffinError {
    let names = try FileSystem.names(inFolder: folder)
    if let error = LoRAAdapter.error(folder: folder, names: names) ?? HubCache.errorInPlaceOfSnapshot(folder) { return error }
    var hints: [String] = []
    for format in WeightFormat.all {
      let candidates = names.filter { $0.hasSuffix(format.suffix) && FileSystem.kind(of: FileSystem.path(folder, $0)) == .file }
      if candidates.contains(where: { ShardName($0) != nil }) {
        hints.append("there are shards, but no \(format.indexName) that says what is in them")
      } else if let candidate = candidates.first {
        hints.append("to use another file of the folder, name it: \(FileSystem.path(folder, candidate))")
      }
    }
    if let model = names.first(where: { $0.lowercased().hasSuffix(".gguf") }) {
      hints.append("GGUF files are given by their own names: \(FileSystem.path(folder, model))")
    }
    let expected = WeightFormat.all.flatMap { [$0.indexName, $0.singleName] }.joined(separator: ", ")
    return GriffinError(.missing, file: folder, "expected one of \(expected) in the folder, found none", hints: hints)
  }
}
