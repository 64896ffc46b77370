/// Keys and values of the positions that one attention layer has seen.
///
/// Rows are appended in the order in which tokens are computed; after a tree pass `keep` moves the
/// accepted rows together and drops the rest.
public final class KeyValueCache {
  /// Heads of keys and values; queries may have several times as many.
  public let heads: Int
  /// Floats per head.
  public let headDimension: Int
  /// Rows that hold a position.
  public private(set) var count = 0

  private var keys: [Float] = []
  private var values: [Float] = []

  public init(heads: Int, headDimension: Int) {
    precondition(heads > 0 && headDimension > 0, "a cache has heads")
    (self.heads, self.headDimension) = (heads, headDimension)
  }

  /// Appends the keys and values of all tokens.
  /// - Parameters:
  ///   - keys: `[tokens, heads * headDimension]`, rotated.
  ///   - values: Of the same shape.
  public func append(keys: borrowing Activations, values: borrowing Activations) {
    precondition(
      keys.columns == heads * headDimension && values.columns == keys.columns && keys.tokens == values.tokens,
      "matrix shapes do not fit")
    for token in 0..<keys.tokens {
      let (key, value) = (keys.row(token), values.row(token))
      for index in key.indices {
        self.keys.append(key[index])
        self.values.append(value[index])
      }
    }
    count += keys.tokens
  }

  /// Drops the rows from `count` on.
  public func truncate(to count: Int) {
    precondition(count >= 0 && count <= self.count, "\(count) rows of \(self.count)")
    self.count = count
    keys.removeLast(keys.count - count * heads * headDimension)
    values.removeLast(values.count - count * heads * headDimension)
  }

  /// Keeps the first `prefix` rows and, right after them, the given ones; drops the others.
  /// - Parameter rows: Cache rows at or after `prefix`, ascending.
  public func keep(prefix: Int, rows: [Int]) {
    let width = heads * headDimension
    for (offset, row) in rows.enumerated() {
      precondition(row >= prefix + offset && row < count, "rows to keep ascend within the cache")
      for index in 0..<width {
        keys[(prefix + offset) * width + index] = keys[row * width + index]
        values[(prefix + offset) * width + index] = values[row * width + index]
      }
    }
    truncate(to: prefix + rows.count)
  }

  /// One head's key of one row.
  func key(_ row: Int, head: Int) -> [Float] {
    let start = (row * heads + head) * headDimension
    return Array(keys[start..<start + headDimension])
  }

  /// One head's value of one row.
  func value(_ row: Int, head: Int) -> [Float] {
    let start = (row * heads + head) * headDimension
    return Array(values[start..<start + headDimension])
  }
}
