internal import ByteStorage

/// Byte strings with a number each: a vocabulary's pieces, or words already encoded.
///
/// All strings lie in one block, at some 30 bytes of overhead each, so that a vocabulary of hundreds of thousands costs
/// little and a word of a text is looked up where it stands.
struct ByteTable: Sendable {
  private struct Slot {
    /// The upper half of the hash, whose lower bits say where the slot is looked for.
    var tag: UInt32
    var start: UInt32
    /// Of the string, plus one; 0 is an empty slot.
    var countPlusOne: UInt32
    var value: Int32

    static let empty = Slot(tag: 0, start: 0, countPlusOne: 0, value: 0)
  }

  private var bytes: [UInt8] = []
  /// Where each string begins, in the order in which they were added.
  private var starts: [UInt32] = []
  /// A power of two, at most two thirds full.
  private var slots = [Slot](repeating: .empty, count: 64)
  private let hash = ByteHash()

  init() {}

  /// A table of strings that are all different, numbered in their order.
  /// - Parameters:
  ///   - bytes: The strings, one after another.
  ///   - starts: Where each begins.
  init(distinct bytes: [UInt8], starts: [UInt32]) {
    (self.bytes, self.starts) = (bytes, starts)
    while 3 * starts.count > 2 * slots.count { slots += slots }
    for index in starts.indices {
      let range = range(at: index)
      let tag = tag(of: bytes.rawBytes, range)
      slots[freePlace(tag)] = Slot(tag: tag, start: UInt32(range.lowerBound), countPlusOne: UInt32(range.count + 1), value: Int32(index))
    }
  }

  var count: Int { starts.count }
  var byteCount: Int { bytes.count }

  /// The strings' bytes, one after another in the order in which they were added.
  var block: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span }
  }

  /// Where in `block` the string is that was added as number `index`.
  func range(at index: Int) -> Range<Int> {
    Int(starts[index])..<(index + 1 < starts.count ? Int(starts[index + 1]) : bytes.count)
  }

  /// Whether the string that was added as number `index` is the one at `range` of `text`.
  func hasString(at index: Int, _ text: borrowing RawSpan, _ range: Range<Int>) -> Bool {
    guard index < starts.count else { return false }
    let mine = self.range(at: index)
    return mine.count == range.count && bytes.rawBytes.equals(at: mine.lowerBound, text, range)
  }

  /// What the string at `range` of `text` is looked for by.
  func tag(of text: borrowing RawSpan, _ range: Range<Int>) -> UInt32 { UInt32(truncatingIfNeeded: hash(text, range) >> 32) }

  /// Where the string begins that a tag leads to first.
  ///
  /// Where many strings are looked up, asking this for all of them first lets their loads overlap: nothing branches on them.
  func firstStart(for tag: UInt32) -> UInt32 { slots[Int(tag) & (slots.count - 1)].start }

  /// The first byte of a string by its start.
  func firstByte(at start: UInt32) -> UInt8 { bytes[Int(start)] }

  /// The first slot with a tag, or the empty one where there is none.
  func place(of tag: UInt32) -> Int {
    var place = Int(tag) & (slots.count - 1)
    while slots[place].countPlusOne != 0, slots[place].tag != tag { place = (place + 1) & (slots.count - 1) }
    return place
  }

  /// The number of the string at `range` of `text`.
  func value(of text: borrowing RawSpan, _ range: Range<Int>) -> Int? {
    let tag = tag(of: text, range)
    return value(of: text, range, tag: tag, at: place(of: tag))
  }

  /// The same where its tag and the place of that are known.
  func value(of text: borrowing RawSpan, _ range: Range<Int>, tag: UInt32, at place: Int) -> Int? {
    var place = place
    while slots[place].countPlusOne != 0 {
      if matches(slots[place], tag, text, range) { return Int(slots[place].value) }
      place = (place + 1) & (slots.count - 1)
    }
    return nil
  }

  func value(of text: Span<UInt8>, _ range: Range<Int>) -> Int? { value(of: text.rawBytes, range) }

  func value(of text: [UInt8]) -> Int? { value(of: text.rawBytes, 0..<text.count) }

  /// Adds a string.
  /// - Returns: The number it had already, which stays; else nil.
  mutating func insert(_ text: borrowing RawSpan, _ range: Range<Int>, value: Int) -> Int? {
    if 3 * (starts.count + 1) > 2 * slots.count { grow() }
    let tag = tag(of: text, range)
    if let value = self.value(of: text, range, tag: tag, at: place(of: tag)) { return value }
    slots[freePlace(tag)] = Slot(tag: tag, start: UInt32(bytes.count), countPlusOne: UInt32(range.count + 1), value: Int32(value))
    starts.append(UInt32(bytes.count))
    text.extracting(range).append(to: &bytes)
    return nil
  }

  mutating func insert(_ text: Span<UInt8>, _ range: Range<Int>, value: Int) -> Int? { insert(text.rawBytes, range, value: value) }

  private func matches(_ slot: Slot, _ tag: UInt32, _ text: borrowing RawSpan, _ range: Range<Int>) -> Bool {
    slot.tag == tag && Int(slot.countPlusOne) == range.count + 1 && bytes.rawBytes.equals(at: Int(slot.start), text, range)
  }

  /// The empty slot for a tag.
  private func freePlace(_ tag: UInt32) -> Int {
    var place = Int(tag) & (slots.count - 1)
    while slots[place].countPlusOne != 0 { place = (place + 1) & (slots.count - 1) }
    return place
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: .empty, count: 2 * old.count)
    for slot in old where slot.countPlusOne != 0 { slots[freePlace(slot.tag)] = slot }
  }
}
