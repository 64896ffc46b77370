/// The keys of one open object: a hash and an offset each, so that a header of millions of keys
/// costs 8 to 16 bytes a key. Whether two keys are equal is for the reader to find out.
struct JSONKeySet {
  /// Few keys are searched one by one; more go through a table with linear probing.
  private static let listed = 16

  /// `hash << 32 | offset + 1`; 0 is an empty slot. A list up to `listed`, then a table of a
  /// power of two slots, at most two thirds full.
  private var slots: [UInt64] = []
  private var count = 0

  struct Probe {
    var hash: UInt32
    var slot: Int
  }

  private var isList: Bool { count <= JSONKeySet.listed }

  func probe(_ hash: UInt32) -> Probe {
    Probe(hash: hash, slot: isList ? 0 : Int(hash) & (slots.count - 1))
  }

  /// The offset of the next key with the probe's hash.
  func nextCandidate(_ probe: inout Probe) -> Int? {
    if isList {
      while probe.slot < count {
        let entry = slots[probe.slot]
        probe.slot += 1
        if UInt32(truncatingIfNeeded: entry >> 32) == probe.hash { return Int(UInt32(truncatingIfNeeded: entry)) - 1 }
      }
      return nil
    }
    while slots[probe.slot] != 0 {
      let entry = slots[probe.slot]
      probe.slot = (probe.slot + 1) & (slots.count - 1)
      if UInt32(truncatingIfNeeded: entry >> 32) == probe.hash { return Int(UInt32(truncatingIfNeeded: entry)) - 1 }
    }
    return nil
  }

  mutating func insert(_ hash: UInt32, offset: Int) {
    let entry = UInt64(hash) << 32 | UInt64(offset + 1)
    count += 1
    if isList {
      slots.append(entry)
    } else if count == JSONKeySet.listed + 1 {
      grow(to: 4 * JSONKeySet.listed, adding: entry)
    } else if 3 * count > 2 * slots.count {
      grow(to: 2 * slots.count, adding: entry)
    } else {
      place(entry)
    }
  }

  mutating func removeAll() {
    slots.removeAll(keepingCapacity: isList)
    count = 0
  }

  private mutating func grow(to slotCount: Int, adding entry: UInt64) {
    let old = slots
    slots = [UInt64](repeating: 0, count: slotCount)
    for earlier in old where earlier != 0 { place(earlier) }
    place(entry)
  }

  private mutating func place(_ entry: UInt64) {
    var slot = Int(entry >> 32) & (slots.count - 1)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = entry
  }
}
