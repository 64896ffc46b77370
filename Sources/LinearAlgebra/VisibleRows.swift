/// The rows of a KV cache that a token attends to, in their logical order: the shared prefix, then
/// single rows (a tree node's ancestors, ending with its own row).
public struct VisibleRows: Sendable, Hashable {
  /// Cache rows `0..<prefix` come first.
  public var prefix: Int
  /// Then these cache rows, in this order.
  public var rows: [Int]

  public init(prefix: Int, rows: [Int] = []) {
    (self.prefix, self.rows) = (prefix, rows)
  }

  /// Logical positions.
  public var count: Int { prefix + rows.count }
}
