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
    folder: any FileFolder, beforeShards: ([String]) throws(GriffinError) -> Void = { _ in }
  ) throws(GriffinError) -> FolderWeights {
    var passedOver: [String] = []
    var firstError: GriffinError?
    for format in WeightFormat.all {
      let indexPath = folder.path(of: format.indexName)
      if try folder.kind(of: format.indexName) != nil {
        let index = try ShardIndex(folder.open(format.indexName))
        folder.prepare(index.shards)
        guard let missing = try FolderWeights.firstMissing(of: index.shards, in: folder) else {
          try beforeShards(Array(index.shardOfTensor.keys))
          let beside = index.shards.contains(format.singleName) ? [] : try FolderWeights.unread(folder, format)
          return try FolderWeights(folder: folder, format, index, warnings: passedOver + beside)
        }
        if firstError == nil { firstError = try FolderWeights.missingShard(folder, missing, format) }
        passedOver.append("\(indexPath): passed over, because its shard \(missing) is not there".printable)
      }
      if try folder.kind(of: format.singleName) != nil {
        let file = try folder.open(format.singleName)
        let opened = try format.open(file)
        let files = [CheckpointFile(name: format.singleName, file: file)]
        return FolderWeights(source: opened.source, files: files, warnings: passedOver + opened.warnings)
      }
    }
    if let firstError { throw firstError }
    throw try FolderWeights.noWeights(folder)
  }

  private static func firstMissing(of names: [String], in folder: any FileFolder) throws(GriffinError) -> String? {
    for name in names where try folder.kind(of: name) == nil { return name }
    return nil
  }

  private init(source: any TensorSource, files: [CheckpointFile], warnings: [String]) {
    (self.source, self.files, self.warnings) = (source, files, warnings)
  }

  /// Opens shards and holds them against their index.
  private init(folder: any FileFolder, _ format: WeightFormat, _ index: ShardIndex, warnings: [String]) throws(GriffinError) {
    self.warnings = warnings
    var sources: [any TensorSource] = []
    var totalBytes = 0
    var seen: [String: Int] = [:]
    for (shard, name) in index.shards.enumerated() {
      let file = try folder.open(name)
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
        .inconsistent, file: folder.path(of: index.shards[shard]), tensor: absent,
        "the index \(format.indexName) expects the tensor in this shard, which does not hold it")
    }
    if let claimed = index.totalBytes, claimed != totalBytes {
      self.warnings.append("\(index.path): total_size is \(claimed), but the tensors take \(totalBytes) bytes")
    }
    source = CombinedSource(sources)
  }

  /// A line on a single file that lies beside a complete set of shards: which of the two was meant the folder does not say.
  private static func unread(_ folder: any FileFolder, _ format: WeightFormat) throws(GriffinError) -> [String] {
    let path = folder.path(of: format.singleName)
    guard try folder.kind(of: format.singleName) != nil else { return [] }
    return ["\(path): not read, because \(format.indexName) and all its shards are there; if the one file is meant, name it".printable]
  }

  private static func missingShard(
    _ folder: any FileFolder, _ shard: String, _ format: WeightFormat
  ) throws(GriffinError) -> GriffinError {
    let path = folder.path(of: shard)
    let problem = "the index \(format.indexName) names this shard, but it is not there"
    // Shards of another count are of another save, whose index is missing.
    let others = try folder.names().filter { $0.hasSuffix(format.suffix) }.compactMap { name in
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
  private static func noWeights(_ folder: any FileFolder) throws(GriffinError) -> GriffinError {
    let names = try folder.names()
    if let error = LoRAAdapter.error(folder: folder, names: names) { return error }
    if folder is DiskFolder, let error = HubCache.errorInPlaceOfSnapshot(folder.path) { return error }
    var hints: [String] = []
    for format in WeightFormat.all {
      let candidates = names.filter { $0.hasSuffix(format.suffix) && (try? folder.kind(of: $0)) == .file }
      if candidates.contains(where: { ShardName($0) != nil }) {
        hints.append("there are shards, but no \(format.indexName) that says what is in them")
      } else if let candidate = candidates.first {
        hints.append("to use another file of the folder, name it: \(folder.path(of: candidate))")
      }
    }
    if let model = names.first(where: { $0.lowercased().hasSuffix(".gguf") }) {
      hints.append("GGUF files are given by their own names: \(folder.path(of: model))")
    }
    let expected = WeightFormat.all.flatMap { [$0.indexName, $0.singleName] }.joined(separator: ", ")
    return GriffinError(.missing, file: folder.path, "expected one of \(expected) in the folder, found none", hints: hints)
  }
}
