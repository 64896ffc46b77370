/// The rows of a KV cache that a token attends to, in their logical order: the shared prefix or its end, then
/// single rows (a tree node's ancestors, ending with its own row).
public struct VisibleRows: Sendable, Hashable {
  /// The first row of the prefix that is seen; 0 without a sliding window.
  public var start: Int
  /// Cache rows `start..<prefix` come first.
  public var prefix: Int
  /// Then these cache rows, in this order.
  public var rows: [Int]

  public init(prefix: Int, rows: [Int] = [], start: Int = 0) {
    (self.start, self.prefix, self.rows) = (start, prefix, rows)
  }

  /// Logical positions.
  public var count: Int { prefix - start + rows.count }

  /// The last `size` of these logical positions: what a sliding window leaves.
  public func last(_ size: Int) -> VisibleRows {
    let dropped = max(count - size, 0)
    let ofPrefix = min(dropped, prefix - start)
    return VisibleRows(
      prefix: prefix, rows: dropped > ofPrefix ? Array(rows.dropFirst(dropped - ofPrefix)) : rows, start: start + ofPrefix)
  }
}
