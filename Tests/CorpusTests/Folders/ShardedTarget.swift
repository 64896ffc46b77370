import ByteStorage
import Foundation
import TestSupport

/// A tiny target in two shards with their index, each of which a case may make wrong.
struct ShardedTarget {
  static let first = "model-00001-of-00002.safetensors", second = "model-00002-of-00002.safetensors"
  static let index = "model.safetensors.index.json"

  let model: TinyModel
  /// By the names of their files.
  var shards: [String: SafetensorsBuilder] = [:]
  /// The `weight_map`, in its order.
  var map: [(tensor: String, shard: String)] = []
  /// As JSON.
  var totalSize: String?
  /// The whole index, where it shall be another one.
  var indexText: String?
  /// How the second shard's file is called, where it shall be another name.
  var secondName = ShardedTarget.second

  init() throws {
    model = try TinyCheckpoint.target()
    let all = SafetensorsBuilder(model.source)
    let half = all.entries.count / 2
    for (name, entries) in [(ShardedTarget.first, all.entries.prefix(half)), (ShardedTarget.second, all.entries.dropFirst(half))] {
      var shard = SafetensorsBuilder()
      shard.entries = Array(entries)
      shards[name] = shard
      map += entries.map { ($0.name, name) }
    }
    totalSize = "\(all.entries.reduce(0) { $0 + $1.bytes.count })"
  }

  /// The first shard's file and the second's.
  var one: SafetensorsBuilder {
    get { shards[ShardedTarget.first] ?? SafetensorsBuilder() }
    set { shards[ShardedTarget.first] = newValue }
  }
  var two: SafetensorsBuilder {
    get { shards[ShardedTarget.second] ?? SafetensorsBuilder() }
    set { shards[ShardedTarget.second] = newValue }
  }

  /// Says of a tensor, the first one unless it is named, that it is in another file.
  mutating func assign(_ tensor: String? = nil, to shard: String) {
    guard let place = map.firstIndex(where: { $0.tensor == tensor ?? map[0].tensor }) else { preconditionFailure("no such tensor") }
    map[place].shard = shard
  }

  private var text: String {
    let members = map.map { JSONValue.string($0.tensor).encoded() + ":" + JSONValue.string($0.shard).encoded() }
    let metadata = totalSize.map { #""metadata":{"total_size":\#($0)},"# } ?? ""
    return "{\(metadata)\"weight_map\":{\(members.joined(separator: ","))}}"
  }

  func write(to folder: CorpusFolder) throws {
    try folder.write(model.configText, to: "target/config.json")
    try folder.write(indexText ?? text, to: "target/\(ShardedTarget.index)")
    for (name, shard) in shards {
      try folder.write(shard.bytes, to: "target/\(name == ShardedTarget.second ? secondName : name)")
    }
  }
}

extension CorpusFolder {
  /// Writes a target in two shards, wrong in the way of `change`.
  func writeShards(_ change: (inout ShardedTarget) throws -> Void = { _ in }) throws {
    var target = try ShardedTarget()
    try change(&target)
    try target.write(to: self)
  }
}
