internal import Tensors

/// A weight that others keep in several tensors: what it is once unpacked, and how its rows are made.
protocol UnpackedTensor: Sendable {
  /// Under the name of the weight, in a type that holds its values exactly.
  var descriptor: TensorDescriptor { get }
  /// The tensors that it is made of, by their places in the source.
  var parts: [Int] { get }

  /// Makes some rows, one after the other.
  /// - Parameter buffer: As many bytes as the rows take.
  /// - Throws: What reading throws; `malformed` for parts whose contents cannot be, with the part's name.
  func unpack(_ rows: Range<Int>, of source: any TensorSource, into buffer: inout MutableRawSpan) throws
}
