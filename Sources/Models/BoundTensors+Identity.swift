internal import ByteStorage
internal import Tensors

extension BoundTensors {
  /// Bytes of either end of a tensor that tell it from another.
  private static let sampleByteCount = 4096

  /// Tells models apart wherever they are stored: SHA-256 over the configuration, names, types and shapes, and both ends of every
  /// tensor's bytes, in hexadecimal.
  /// - Throws: What reading throws.
  package func identity(_ configuration: TransformerConfiguration) throws -> String {
    var hasher = SHA256Hasher()
    let document = JSONValue.object(configuration.document).encoded()
    hasher.update(document.rawBytes)
    for binding in bindings {
      let tensor = source.tensors[binding.index]
      let line = "\(binding.name) \(tensor.type) \(tensor.shape)\n"
      hasher.update(line.rawBytes)
      let count = min(BoundTensors.sampleByteCount, tensor.byteCount)
      var buffer = ByteBuffer(byteCount: count)
      for offset in [0, tensor.byteCount - count] {
        var bytes = buffer.mutableBytes
        try source.read(binding.index, at: offset, into: &bytes)
        let read = buffer.bytes
        hasher.update(read)
      }
    }
    return hasher.finalize().hexadecimal
  }
}
