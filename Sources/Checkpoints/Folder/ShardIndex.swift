internal import ByteStorage

/// `model.safetensors.index.json` or its PyTorch twin: which shard holds which tensor.
///
/// - Source: transformers, `save_pretrained` with `max_shard_size`; `formats/safetensors.md`.
struct ShardIndex {
  let path: String
  /// The shards' plain names, in the order of their bytes.
  private(set) var shards: [String] = []
  /// The shard of each tensor, as an index into `shards`.
  private(set) var shardOfTensor: [String: Int] = [:]
  /// What the index says all tensors take, where it does.
  private(set) var totalBytes: Int?

  /// - Throws: `malformed`, or `unsafe` where a shard's name is not that of a file in the same folder.
  init(_ file: InputFile) throws(GriffinError) {
    path = file.path
    try file.requireAll(atMost: JSONLimits.index.bytes)
    if let error = ForeignContent.errorInPlaceOfJSON(file, expected: "an index of shards") { throw error }
    var assignments: [(tensor: String, shard: String)]?
    var reader = JSONReader(file.bytes, limits: .index, file: file.path)
    try reader.beginObject("the index")
    while let key = try reader.nextKey() {
      switch key {
      case "weight_map": assignments = try ShardIndex.readMap(&reader, file)
      case "metadata": totalBytes = try ShardIndex.totalBytes(reader.readValue(), file)
      default: try reader.skipValue()
      }
    }
    try reader.finish()
    guard let assignments, !assignments.isEmpty else {
      let problem = assignments == nil ? "the index has no weight_map" : "the weight_map of the index names no tensor"
      throw GriffinError(.malformed, file: path, problem)
    }
    let names = Set(assignments.map { ExactString($0.shard) }).sorted()
    guard names.count <= CheckpointLimits.shards else {
      throw GriffinError(
        .unsafe, file: path, "the index names \(names.count) shards; at most \(CheckpointLimits.shards) are read")
    }
    let positions = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    shards = names.map(\.text)
    for (tensor, shard) in assignments {
      guard shardOfTensor.updateValue(positions[ExactString(shard)] ?? 0, forKey: tensor) == nil else {
        throw GriffinError(
          .malformed, file: path, tensor: tensor.shortened(), "two tensors have this name in two Unicode spellings")
      }
    }
  }

  /// `total_size`, which some writers make a fraction of no digits.
  private static func totalBytes(_ metadata: JSONValue, _ file: InputFile) throws(GriffinError) -> Int? {
    guard let metadata = metadata.object else {
      throw GriffinError(.malformed, file: file.path, "metadata: expected an object, found \(metadata.kindDescription)")
    }
    guard let size = metadata["total_size"] else { return nil }
    guard let bytes = size.integer, bytes >= 0 else {
      throw GriffinError(
        .malformed, file: file.path, "metadata.total_size: expected a number of bytes, found \(size.kindDescription)")
    }
    return bytes
  }

  private static func readMap(
    _ reader: inout JSONReader, _ file: InputFile
  ) throws(GriffinError) -> [(tensor: String, shard: String)] {
    var assignments: [(tensor: String, shard: String)] = []
    try reader.beginObject("weight_map")
    while let tensor = try reader.nextKey() {
      let shard = try reader.readString("weight_map \(tensor)")
      guard isPlainName(shard) else {
        throw GriffinError(
          .unsafe, file: file.path, tensor: tensor.shortened(), offset: reader.offset,
          "expected the name of a shard in the same folder, found \"\(shard.shortened())\"")
      }
      assignments.append((tensor, shard))
    }
    return assignments
  }

  /// Whether `name` is that of a file in the same folder on every system.
  private static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: ":") } && !name.holdsControls
  }
}
