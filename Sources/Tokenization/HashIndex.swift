/// Where the elements of a list are, by a hash of each: what is common to tables whose elements lie in lists of their own.
///
/// A slot has four bytes: an element's index plus one, and above it as much of the hash as there is room for. So a table of
/// hundreds of thousands stays near the processor, and hardly an element is looked at that is not the one.
struct HashIndex: Sendable {
  /// 0 is empty. A power of two, at most two thirds full.
  private var slots: [UInt32]

  /// - Parameter count: Elements that there is room for.
  init(room count: Int = 0) {
    var capacity = 64
    while 3 * count > 2 * capacity { capacity *= 2 }
    precondition(capacity <= 1 << 30, "a file of 64 MiB has fewer elements")
    slots = [UInt32](repeating: 0, count: capacity)
  }

  /// Whether one more than so many elements is too many.
  func isFull(_ count: Int) -> Bool { 3 * (count + 1) > 2 * slots.count }

  /// The element with a hash that is the one.
  @inline(__always)
  func index(of hash: UInt64, where isMatch: (Int) -> Bool) -> Int? {
    let slot = slots[place(of: hash, where: isMatch)]
    return slot == 0 ? nil : index(in: slot)
  }

  /// Points to an element, in the place of the one that it is equal to if there is such.
  /// - Returns: Whether there was one.
  @inline(__always) @discardableResult
  mutating func set(_ index: Int, _ hash: UInt64, replacing isMatch: (Int) -> Bool = { _ in false }) -> Bool {
    let place = place(of: hash, where: isMatch)
    defer { slots[place] = mark(of: hash) | UInt32(index + 1) }
    return slots[place] != 0
  }

  /// The element that is looked at first for a hash; nil where it is certain that none has it.
  @inline(__always)
  func candidate(for hash: UInt64) -> Int? {
    let slot = slots[Int(truncatingIfNeeded: hash) & (slots.count - 1)]
    return slot == 0 ? nil : index(in: slot)
  }

  private var indexMask: UInt32 { UInt32(2 * slots.count - 1) }

  private func index(in slot: UInt32) -> Int { Int(slot & indexMask) - 1 }

  private func mark(of hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) & ~indexMask }

  /// The slot of the element that is the one, or the empty slot where it would be.
  @inline(__always)
  private func place(of hash: UInt64, where isMatch: (Int) -> Bool) -> Int {
    let (mark, mask) = (mark(of: hash), indexMask)
    var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[place] != 0 {
      if slots[place] & ~mask == mark, isMatch(index(in: slots[place])) { return place }
      place = (place + 1) & (slots.count - 1)
    }
    return place
  }
}
