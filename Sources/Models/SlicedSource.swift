internal import Tensors

/// A source some of whose tensors are runs of bytes of another's: the parts of tensors that were saved as one.
struct SlicedSource: TensorSource {
  /// A tensor, and where its bytes begin in the tensor that it is, or is a part of.
  struct Slice {
    let descriptor: TensorDescriptor
    let index: Int
    let byteOffset: Int
  }

  let tensors: [TensorDescriptor]
  private let slices: [Slice]
  private let source: any TensorSource

  /// - Precondition: Every slice lies within its tensor.
  init(_ slices: [Slice], of source: any TensorSource) {
    (self.slices, self.source) = (slices, source)
    tensors = slices.map(\.descriptor)
  }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    let slice = slices[index]
    return try source.withBytes(of: slice.index) { bytes in
      try body(bytes.extracting(slice.byteOffset..<slice.byteOffset + slice.descriptor.byteCount))
    }
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    let slice = slices[index]
    precondition(offset >= 0 && buffer.byteCount <= slice.descriptor.byteCount - offset, "range out of the tensor")
    try source.read(slice.index, at: slice.byteOffset + offset, into: &buffer)
  }
}
