/// Sums of the squares of what a matrix is multiplied with, column by column, and how many inputs they are of.
///
/// Attached to a `WeightMatrix`, it sees the inputs of every product with it. Sums are doubles added in the order of the
/// tokens, so they depend on nothing but the inputs.
///
/// Sound because products with a matrix run one after another: only the thread that asks for a product adds.
public final class ColumnSquares: @unchecked Sendable {  // see above
  /// Whether inputs are added.
  public var isRecording = false
  public private(set) var sums: [Double]
  /// Inputs added.
  public private(set) var count = 0

  public init(columns: Int) { sums = [Double](repeating: 0, count: columns) }

  /// Adds the squares of each row of `x`, `[tokens, columns]`.
  func add(_ x: borrowing Activations) {
    guard isRecording else { return }
    precondition(x.columns == sums.count, "inputs of \(x.columns) columns, sums of \(sums.count)")
    count += x.tokens
    let columns = x.columns
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      for token in 0..<x.tokens {
        let row = unsafe x.base + token * x.stride
        for column in 0..<columns {
          let value = unsafe Double(row[column])
          unsafe sums[column] += value * value
        }
      }
    }
  }

  /// Forgets what was added.
  public func clear() {
    for column in sums.indices { sums[column] = 0 }
    count = 0
  }
}
