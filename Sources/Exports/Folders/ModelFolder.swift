internal import Bundles
internal import ByteStorage
internal import Checkpoints
internal import Tensors

/// A model on its way into a folder as Hugging Face has them: its tensors, and the small files beside them.
struct ModelFolder {
  let component: Component
  var tensors: [ExportTensor]
  /// Contents by plain file name.
  var documents: [String: [UInt8]]

  /// What a file of weights has at most, where the user does not say.
  static let defaultSplitByteCount = 5_000_000_000

  /// The folder's files: weights in one file, or in shards with their index, then the others by name.
  func files(splitByteCount: Int?) -> [ExportFile] {
    let shards = shards(splitByteCount ?? ModelFolder.defaultSplitByteCount)
    var documents = documents
    var files: [ExportFile] = []
    if shards.count == 1 {
      files.append(SafetensorsLayout.file(name: component.prefix + "model.safetensors", shards[0]))
    } else {
      var map: JSONObject = [:]
      for (number, tensors) in shards.enumerated() {
        let name = "model\(ShardName.ending(number: number + 1, count: shards.count)).safetensors"
        files.append(SafetensorsLayout.file(name: component.prefix + name, tensors))
        for tensor in tensors { map[tensor.descriptor.name] = .string(name) }
      }
      let total = tensors.reduce(0) { $0 + $1.descriptor.byteCount }
      let index: JSONObject = ["metadata": ["total_size": .integer(total)], "weight_map": .object(map)]
      documents["model.safetensors.index.json"] = index.fileBytes
    }
    return files + documents.sorted { $0.key < $1.key }.map { ExportFile(name: component.prefix + $0.key, head: $0.value) }
  }

  /// Runs of tensors of at most so many bytes, in order; a larger tensor is alone.
  private func shards(_ limit: Int) -> [[ExportTensor]] {
    var shards: [[ExportTensor]] = [[]]
    var byteCount = 0
    for tensor in tensors {
      let more = tensor.descriptor.byteCount
      if byteCount > 0, byteCount + more > limit {
        shards.append([])
        byteCount = 0
      }
      shards[shards.count - 1].append(tensor)
      byteCount += more
    }
    return shards
  }
}
