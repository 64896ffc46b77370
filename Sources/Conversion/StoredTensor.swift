internal import ByteStorage
internal import Tensors

/// One tensor of a source.
struct StoredTensor: Sendable {
  let source: any TensorSource
  let index: Int

  var descriptor: TensorDescriptor { source.tensors[index] }

  /// Reads a part of its bytes.
  /// - Throws: `GriffinError`, with the tensor's name.
  func read(at offset: Int, into buffer: inout MutableRawSpan) throws(GriffinError) {
    do {
      try source.read(index, at: offset, into: &buffer)
    } catch let error as GriffinError {
      throw error.located(tensor: descriptor.name)
    } catch {
      throw GriffinError(.io, tensor: descriptor.name, "reading failed: \(error)")
    }
  }
}
