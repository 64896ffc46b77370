import ByteStorage
import Tensors

extension TensorSource {
  /// Looks at every tensor and reads those of reasonable size in both ways, which must agree.
  func walk() throws {
    for (index, tensor) in tensors.enumerated().prefix(2000) {
      _ = "\(tensor.name) \(tensor.type) \(tensor.shape) \(tensor.byteCount)"
      guard tensor.byteCount <= 1 << 16 else { continue }
      var buffer = ByteBuffer(byteCount: tensor.byteCount)
      var bytes = buffer.mutableBytes
      try read(index, at: 0, into: &bytes)
      let copy = buffer
      try withBytes(of: index) { lent in
        precondition(lent.byteCount == tensor.byteCount && lent.equals(copy.bytes), "two ways of reading differ")
      }
      guard tensor.byteCount > 3 else { continue }
      var part = ByteBuffer(byteCount: tensor.byteCount - 3)
      var partBytes = part.mutableBytes
      try read(index, at: 2, into: &partBytes)
    }
  }
}
