internal import ByteStorage

/// Byte strings with a number each: a vocabulary's pieces, or words already encoded.
///
/// All strings lie in one block, at 16 bytes of overhead each, so that a vocabulary of hundreds of thousands costs little
/// and a word of a text is looked up where it stands.
struct ByteTable: Sendable {
  private struct Entry {
    var start: UInt32
    var count: UInt32
    var value: Int32
  }

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  /// Index into `entries` plus one; 0 is empty. A power of two, at most half full.
  private var slots: [UInt32] = [UInt32](repeating: 0, count: 64)
  /// Another in every process, so that no file can aim at collisions.
  private let seed = UInt64.random(in: .min ... .max)

  var count: Int { entries.count }
  var byteCount: Int { bytes.count }

  /// The number of the string at `range` of `text`.
  func value(of text: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var slot = Int(truncatingIfNeeded: hash(text, range)) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = entries[Int(slots[slot]) - 1]
      if equals(entry, text, range) { return Int(entry.value) }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  func value(of text: [UInt8]) -> Int? { value(of: text.span, 0..<text.count) }

  /// Adds a string.
  /// - Returns: The number it had already, which stays; else nil.
  mutating func insert(_ text: Span<UInt8>, _ range: Range<Int>, value: Int) -> Int? {
    if 2 * (entries.count + 1) > slots.count { grow() }
    var slot = Int(truncatingIfNeeded: hash(text, range)) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = entries[Int(slots[slot]) - 1]
      if equals(entry, text, range) { return Int(entry.value) }
      slot = (slot + 1) & (slots.count - 1)
    }
    entries.append(Entry(start: UInt32(bytes.count), count: UInt32(range.count), value: Int32(value)))
    for index in range { bytes.append(text[index]) }
    slots[slot] = UInt32(entries.count)
    return nil
  }

  mutating func insert(_ text: [UInt8], value: Int) -> Int? { insert(text.span, 0..<text.count, value: value) }

  private func equals(_ entry: Entry, _ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard Int(entry.count) == range.count else { return false }
    let start = Int(entry.start)
    for index in 0..<range.count where bytes[start + index] != text[range.lowerBound + index] { return false }
    return true
  }

  private func hash(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
    var state = seed
    for index in range {
      state = (state ^ UInt64(text[index])) &* 0x9E37_79B9_7F4A_7C15
      state ^= state >> 29
    }
    return state ^ state >> 32
  }

  private mutating func grow() {
    var grown = [UInt32](repeating: 0, count: 2 * slots.count)
    let block = bytes
    let all = block.span
    for (index, entry) in entries.enumerated() {
      let range = Int(entry.start)..<Int(entry.start) + Int(entry.count)
      var slot = Int(truncatingIfNeeded: hash(all, range)) & (grown.count - 1)
      while grown[slot] != 0 { slot = (slot + 1) & (grown.count - 1) }
      grown[slot] = UInt32(index + 1)
    }
    slots = grown
  }
}
