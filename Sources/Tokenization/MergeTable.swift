internal import ByteStorage

/// Which two neighbouring symbols merge, how early, and into what.
public struct MergeTable: Sendable {
  /// A merge of two symbols.
  public struct Merge: Sendable, Hashable {
    /// Lower merges first.
    public var rank: Int32
    /// The symbol that both become.
    public var result: Int32

    public init(rank: Int32, result: Int32) { (self.rank, self.result) = (rank, result) }
  }

  private struct Slot {
    /// -1 where the slot is empty.
    var left: Int32
    var right: Int32
    var merge: Merge

    static let empty = Slot(left: -1, right: -1, merge: Merge(rank: 0, result: 0))
  }

  /// A power of two, at most two thirds full.
  private var slots = [Slot](repeating: .empty, count: 64)
  public private(set) var count = 0
  private let hash = ByteHash()

  public init() {}

  /// An empty table with room for so many merges.
  init(room count: Int) {
    var capacity = slots.count
    while 3 * count > 2 * capacity { capacity *= 2 }
    slots = [Slot](repeating: .empty, count: capacity)
  }

  /// The merge of a pair of symbols; nil where they stay two, and for symbols below 0.
  public subscript(left: Int32, right: Int32) -> Merge? {
    guard left >= 0, right >= 0 else { return nil }
    var slot = slot(of: left, right)
    while slots[slot].left >= 0 {
      if slots[slot].left == left, slots[slot].right == right { return slots[slot].merge }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Of several merges of one pair the last counts, as in Hugging Face's tokenizers.
  public mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
    precondition(left >= 0 && right >= 0, "symbols are 0 or more")
    if 3 * (count + 1) > 2 * slots.count { grow() }
    var slot = slot(of: left, right)
    while slots[slot].left >= 0 {
      if slots[slot].left == left, slots[slot].right == right {
        slots[slot].merge = merge
        return
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Slot(left: left, right: right, merge: merge)
    count += 1
  }

  private func slot(of left: Int32, _ right: Int32) -> Int {
    Int(truncatingIfNeeded: hash(UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right)))) & (slots.count - 1)
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: .empty, count: 2 * old.count)
    for entry in old where entry.left >= 0 {
      var slot = slot(of: entry.left, entry.right)
      while slots[slot].left >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = entry
    }
  }
}
