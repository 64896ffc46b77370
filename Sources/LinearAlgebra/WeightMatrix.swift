public import Tensors

/// A stored matrix, `[rows, columns]`, multiplied straight from the bytes of its source.
///
/// Nothing is copied: each use borrows the bytes anew. A tensor of higher rank counts as the matrix
/// of its innermost rows, a vector as one row.
public struct WeightMatrix: Sendable {
  public let source: any TensorSource
  /// The tensor's place in `source.tensors`.
  public let index: Int
  public let type: ElementType
  public let rows: Int
  public let columns: Int
  public let decoder: RowDecoder
  /// Sees what the matrix is multiplied with; nil where nobody asks.
  public let inputs: ColumnSquares?
  /// Bytes of one stored row.
  let rowBytes: Int

  /// - Parameters:
  ///   - source: Where the bytes are.
  ///   - index: The tensor's place in `source.tensors`.
  ///   - decoder: The decoder of the tensor's type.
  ///   - inputs: Sees what the matrix is multiplied with.
  public init(source: any TensorSource, index: Int, decoder: RowDecoder, inputs: ColumnSquares? = nil) {
    let descriptor = source.tensors[index]
    precondition(descriptor.type == decoder.type, "\(descriptor.name) is \(descriptor.type), the decoder \(decoder.type)")
    self.source = source
    self.index = index
    self.type = descriptor.type
    self.rows = descriptor.shape.rowCount
    self.columns = descriptor.shape.rowLength
    self.decoder = decoder
    self.inputs = inputs
    // No overflow: the descriptor has checked the size of all rows together.
    self.rowBytes = columns / type.elementsPerBlock * type.bytesPerBlock
  }

  /// The whole tensor as floats: for norms and biases, whose use is not worth a kernel.
  /// - Throws: What the source throws.
  public func decoded() throws -> [Float] {
    var values = [Float](repeating: 0, count: rows * columns)
    try withRows { bytes in
      var span = values.mutableSpan
      decoder.decode(bytes, into: &span)
    }
    return values
  }

  /// Lends the bytes of all rows.
  func withRows<Result>(_ body: (RawSpan) throws -> Result) throws -> Result {
    let byteCount = rows * rowBytes
    return try source.withBytes(of: index) { bytes in
      precondition(bytes.byteCount == byteCount, "the source lent \(bytes.byteCount) bytes of a tensor of \(byteCount)")
      return try body(bytes)
    }
  }
}
