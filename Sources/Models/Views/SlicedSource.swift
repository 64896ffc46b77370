package import Tensors

/// A source some of whose tensors are runs of bytes of another's: the parts of tensors that were saved as one, or
/// some of its tensors alone.
package struct SlicedSource: TensorSource {
  /// A tensor, and where its bytes begin in the tensor that it is, or is a part of.
  package struct Slice: Sendable {
    let descriptor: TensorDescriptor
    let index: Int
    let byteOffset: Int

    package init(descriptor: TensorDescriptor, index: Int, byteOffset: Int = 0) {
      (self.descriptor, self.index, self.byteOffset) = (descriptor, index, byteOffset)
    }
  }

  package let tensors: [TensorDescriptor]
  private let slices: [Slice]
  private let source: any TensorSource

  /// - Precondition: Every slice lies within its tensor.
  package init(_ slices: [Slice], of source: any TensorSource) {
    (self.slices, self.source) = (slices, source)
    tensors = slices.map(\.descriptor)
  }

  package func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    let slice = slices[index]
    return try source.withBytes(of: slice.index) { bytes in
      try body(bytes.extracting(slice.byteOffset..<slice.byteOffset + slice.descriptor.byteCount))
    }
  }

  package func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    let slice = slices[index]
    precondition(offset >= 0 && buffer.byteCount <= slice.descriptor.byteCount - offset, "range out of the tensor")
    try source.read(slice.index, at: slice.byteOffset + offset, into: &buffer)
  }
}
