/// Keys and values of the positions that one attention layer has seen.
///
/// Rows are appended in the order in which tokens are computed; after a tree pass `keep` moves the
/// accepted rows together and drops the rest. Memory grows in blocks of 128 rows, within which each
/// head's rows are contiguous and padded with zeros to whole groups of 16 floats.
///
/// Sound: blocks are allocated and freed here alone; rows below `count` have been written.
@safe public final class KeyValueCache {
  /// Heads of keys and values; queries may have several times as many.
  public let heads: Int
  /// Floats per head.
  public let headDimension: Int
  /// Rows that hold a position.
  public private(set) var count = 0

  /// Rows of a block.
  static let blockRows = 128
  /// Floats from one row of a head to the next.
  let rowStride: Int
  /// Keys of all heads, then values of all heads.
  private var blocks: [UnsafeMutablePointer<Float>] = unsafe []

  public init(heads: Int, headDimension: Int) {
    precondition(heads > 0 && headDimension > 0, "a cache has heads")
    (self.heads, self.headDimension) = (heads, headDimension)
    rowStride = roundedToLanes(headDimension)
  }

  deinit {
    clear()
  }

  /// Appends the keys and values of all tokens.
  /// - Parameters:
  ///   - keys: `[tokens, heads * headDimension]`, rotated.
  ///   - values: Of the same shape.
  public func append(keys: borrowing Activations, values: borrowing Activations) {
    precondition(
      keys.columns == heads * headDimension && values.columns == keys.columns && keys.tokens == values.tokens,
      "matrix shapes do not fit")
    reserve(rows: count + keys.tokens)
    for token in 0..<keys.tokens {
      for head in 0..<heads {
        let offset = token * keys.stride + head * headDimension
        unsafe store(keys.base + offset, in: key(count, head: head))
        unsafe store(values.base + offset, in: value(count, head: head))
      }
      count += 1
    }
  }

  /// Drops the rows from `count` on. Memory is kept for later rows.
  public func truncate(to count: Int) {
    precondition(count >= 0 && count <= self.count, "\(count) rows of \(self.count)")
    self.count = count
  }

  /// Drops all rows and gives their memory back.
  public func clear() {
    count = 0
    for unsafe block in unsafe blocks { unsafe block.deallocate() }
    unsafe blocks.removeAll()
  }

  /// Keeps the first `prefix` rows and, right after them, the given ones; drops the others.
  /// - Parameter rows: Cache rows at or after `prefix`, ascending.
  public func keep(prefix: Int, rows: [Int]) {
    precondition(prefix >= 0 && prefix <= count, "\(prefix) rows of \(count)")
    var last = prefix - 1
    for (offset, row) in rows.enumerated() {
      precondition(row > last && row < count, "rows to keep ascend within the cache")
      last = row
      let target = prefix + offset
      if target == row { continue }
      for head in 0..<heads {
        unsafe key(target, head: head).update(from: key(row, head: head), count: rowStride)
        unsafe value(target, head: head).update(from: value(row, head: head), count: rowStride)
      }
    }
    count = prefix + rows.count
  }

  /// Where a head's key of a row is; rows of a block follow at `rowStride`.
  func key(_ row: Int, head: Int) -> UnsafeMutablePointer<Float> {
    let (block, place) = row.quotientAndRemainder(dividingBy: KeyValueCache.blockRows)
    return unsafe blocks[block] + (head * KeyValueCache.blockRows + place) * rowStride
  }

  /// Where a head's value of a row is; rows of a block follow at `rowStride`.
  func value(_ row: Int, head: Int) -> UnsafeMutablePointer<Float> {
    unsafe key(row, head: heads + head)
  }

  private func reserve(rows: Int) {
    while unsafe blocks.count * KeyValueCache.blockRows < rows {
      let floats = 2 * heads * KeyValueCache.blockRows * rowStride
      let raw = UnsafeMutableRawPointer.allocate(byteCount: floats * MemoryLayout<Float>.stride, alignment: 64)
      unsafe blocks.append(raw.bindMemory(to: Float.self, capacity: floats))
    }
  }

  private func store(_ source: UnsafePointer<Float>, in target: UnsafeMutablePointer<Float>) {
    unsafe target.update(from: source, count: headDimension)
    unsafe (target + headDimension).update(repeating: 0, count: rowStride - headDimension)
  }
}
