/// Which two neighbouring symbols merge, how early, and into what.
struct MergeTable: Sendable {
  struct Merge: Sendable {
    /// Lower merges first.
    var rank: Int32
    /// The symbol that both become.
    var result: Int32
  }

  private var keys: [UInt64] = [UInt64](repeating: .max, count: 64)
  private var merges = [Merge](repeating: Merge(rank: 0, result: 0), count: 64)
  private(set) var count = 0
  private let seed = UInt64.random(in: .min ... .max)

  subscript(left: Int32, right: Int32) -> Merge? {
    guard left >= 0, right >= 0 else { return nil }
    let key = MergeTable.key(left, right)
    var slot = slot(of: key)
    while keys[slot] != .max {
      if keys[slot] == key { return merges[slot] }
      slot = (slot + 1) & (keys.count - 1)
    }
    return nil
  }

  /// Of several merges of one pair the last counts, as in Hugging Face's tokenizers.
  mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
    if 2 * (count + 1) > keys.count { grow() }
    let key = MergeTable.key(left, right)
    var slot = slot(of: key)
    while keys[slot] != .max {
      if keys[slot] == key {
        merges[slot] = merge
        return
      }
      slot = (slot + 1) & (keys.count - 1)
    }
    (keys[slot], merges[slot]) = (key, merge)
    count += 1
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  private func slot(of key: UInt64) -> Int {
    var state = (key ^ seed) &* 0x9E37_79B9_7F4A_7C15
    state = (state ^ state >> 32) &* 0xD6E8_FEB8_6659_FD93
    return Int(truncatingIfNeeded: state ^ state >> 32) & (keys.count - 1)
  }

  private mutating func grow() {
    let (oldKeys, oldMerges) = (keys, merges)
    keys = [UInt64](repeating: .max, count: 2 * oldKeys.count)
    merges = [Merge](repeating: Merge(rank: 0, result: 0), count: 2 * oldKeys.count)
    for (key, merge) in zip(oldKeys, oldMerges) where key != .max {
      var slot = slot(of: key)
      while keys[slot] != .max { slot = (slot + 1) & (keys.count - 1) }
      (keys[slot], merges[slot]) = (key, merge)
    }
  }
}
