/// The dimensions of a tensor, outermost first, with their product checked once.
public struct Shape: Sendable, Hashable {
  /// The largest rank that any reader accepts.
  public static let maximumRank = 8

  /// Outermost dimension first, as in PyTorch; empty for a scalar.
  public let dimensions: [Int]
  /// The product of the dimensions; 1 for a scalar.
  public let elementCount: Int

  /// - Throws: `TensorError.invalidShape` where a dimension is negative, the rank exceeds
  ///   `maximumRank`, or the product does not fit an `Int`.
  public init(_ dimensions: [Int]) throws(TensorError) {
    guard dimensions.count <= Shape.maximumRank else { throw .invalidShape(dimensions) }
    var count = 1
    for dimension in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { throw .invalidShape(dimensions) }
      count = product
    }
    (self.dimensions, self.elementCount) = (dimensions, count)
  }

  /// Elements of one row: the innermost dimension, 1 for a scalar.
  public var rowLength: Int { dimensions.last ?? 1 }

  /// Rows: the product of all dimensions but the innermost.
  public var rowCount: Int { dimensions.dropLast().reduce(1, *) }
}

extension Shape: CustomStringConvertible {
  public var description: String { "[\(dimensions.map(String.init).joined(separator: ", "))]" }
}
