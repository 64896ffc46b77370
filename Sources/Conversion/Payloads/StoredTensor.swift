package import ByteStorage
package import Tensors

/// One tensor of a source.
package struct StoredTensor: Sendable {
  package let source: any TensorSource
  package let index: Int
  /// SHA-256 that the source states for the tensor's bytes.
  package var digest: SHA256Digest?

  package init(source: any TensorSource, index: Int, digest: SHA256Digest? = nil) {
    (self.source, self.index, self.digest) = (source, index, digest)
  }

  package var descriptor: TensorDescriptor { source.tensors[index] }

  /// Reads a part of its bytes.
  /// - Throws: `GriffinError`, with the tensor's name.
  package func read(at offset: Int, into buffer: inout MutableRawSpan) throws(GriffinError) {
    do {
      try source.read(index, at: offset, into: &buffer)
    } catch let error as GriffinError {
      throw error.located(tensor: descriptor.name)
    } catch {
      throw GriffinError(.io, tensor: descriptor.name, "reading failed: \(error)")
    }
  }

  /// SHA-256 of its bytes, read a buffer at a time.
  /// - Throws: What reading throws; `interrupted`.
  package func contentDigest(through buffer: inout ByteBuffer, cancellation: Cancellation) throws(GriffinError) -> SHA256Digest {
    var hasher = SHA256Hasher()
    let total = descriptor.byteCount
    for offset in stride(from: 0, to: total, by: max(buffer.byteCount, 1)) {
      try cancellation.check()
      let count = min(buffer.byteCount, total - offset)
      var chunk = buffer.mutablePrefix(count)
      try read(at: offset, into: &chunk)
      hasher.update(buffer.bytes.extracting(0..<count))
    }
    return hasher.finalize()
  }

  /// - Throws: `malformed` where the source states another digest than that of the bytes that were read.
  func check(_ found: SHA256Digest, name: String) throws(GriffinError) {
    guard let digest, digest != found else { return }
    throw GriffinError(
      .malformed, tensor: name, "the payload's SHA-256 is not the one in the manifest: the source is damaged",
      hints: ["griffin verify --integrity lists what is damaged"])
  }
}
