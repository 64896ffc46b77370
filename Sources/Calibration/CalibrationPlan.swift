internal import ByteStorage
internal import Models
internal import Tensors

/// What makes a calibration the one that it is: a partial one is continued by the same one only.
struct CalibrationPlan {
  /// Grows when other sums would be collected from the same.
  private static let version = 1
  /// Bytes of either end of a tensor that tell it from another.
  private static let sampleByteCount = 4096

  /// What decides the sums, by the names that users know it by.
  let parts: [(name: String, value: String)]

  /// - Parameter chunks: The whole text, however much of it is read.
  init(_ target: TargetModel, _ draft: DraftModel?, chunks: [[Int]]) throws {
    var text = SHA256Hasher()
    for chunk in chunks {
      let line = "\(chunk)\n"
      text.update(line.rawBytes)
    }
    let draftDigest = try draft.map { try CalibrationPlan.digest($0.tensors, $0.configuration) }
    parts = [
      ("griffin's calibration", "version \(CalibrationPlan.version), a tree every \(ActivationCollector.treeStride) tokens"),
      ("the target", try CalibrationPlan.digest(target.tensors, target.configuration)),
      ("the draft", draftDigest.map { "\(draft?.kind.name ?? "") \($0)" } ?? "none"),
      ("the text", text.finalize().hexadecimal),
    ]
  }

  /// Tells models apart wherever they are stored: names, types and shapes, and both ends of every tensor's bytes.
  private static func digest(_ tensors: BoundTensors, _ configuration: TransformerConfiguration) throws -> String {
    var hasher = SHA256Hasher()
    let document = JSONValue.object(configuration.document).encoded()
    hasher.update(document.rawBytes)
    for binding in tensors.bindings {
      let tensor = tensors.source.tensors[binding.index]
      let line = "\(binding.name) \(tensor.type) \(tensor.shape)\n"
      hasher.update(line.rawBytes)
      let count = min(sampleByteCount, tensor.byteCount)
      var buffer = ByteBuffer(byteCount: count)
      for offset in [0, tensor.byteCount - count] {
        var bytes = buffer.mutableBytes
        try tensors.source.read(binding.index, at: offset, into: &bytes)
        let read = buffer.bytes
        hasher.update(read)
      }
    }
    return hasher.finalize().hexadecimal
  }
}
