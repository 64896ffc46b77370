internal import ByteStorage
public import LinearAlgebra
public import Tensors

/// A model's tensors, and for each matrix among them the squares of what it is multiplied with.
///
/// A model that is decoded from it does what it does anyway: bytes are lent by the source beneath, and the products tell
/// what their inputs are.
public struct ObservedSource: TensorSource {
  private let source: any TensorSource
  public let tensors: [TensorDescriptor]
  private let columns: [ColumnSquares?]

  /// - Parameters:
  ///   - source: Where the tensors are.
  ///   - indices: Those to watch; of them matrices alone are multiplied.
  public init(_ source: any TensorSource, watching indices: [Int]) {
    self.source = source
    tensors = source.tensors
    var columns = [ColumnSquares?](repeating: nil, count: tensors.count)
    for index in indices where tensors[index].shape.dimensions.count == 2 {
      columns[index] = ColumnSquares(columns: tensors[index].shape.rowLength)
    }
    self.columns = columns
  }

  /// What is known of a tensor's inputs; nil where it is not watched.
  public func inputs(of index: Int) -> ColumnSquares? { columns[index] }

  /// Whether products add to what is known.
  public func record(_ isRecording: Bool) { for inputs in columns { inputs?.isRecording = isRecording } }

  public func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    try source.withBytes(of: index, body)
  }

  public func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    try source.read(index, at: offset, into: &buffer)
  }
}
