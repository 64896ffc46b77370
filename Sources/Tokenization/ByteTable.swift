internal import ByteStorage

/// Byte strings that are all different, with a number each: a vocabulary's pieces, or words already encoded.
///
/// All strings lie in one block, at some 14 bytes of overhead each, so that a vocabulary of hundreds of thousands costs
/// little and a word of a text is looked up where it stands.
struct ByteTable: Sendable {
  private var bytes: [UInt8] = []
  /// Where each string begins, in the order in which they were added.
  private var starts: [UInt32] = []
  /// The number of each; empty while they are numbered in their order.
  private var values: [Int32] = []
  private var index = HashIndex()
  private let hash = ByteHash()

  init() {}

  /// A table of strings that are there already, as long as nothing is added to it in their memory.
  /// - Parameters:
  ///   - bytes: The strings, one after another.
  ///   - starts: Where each begins.
  ///   - values: The number of each; empty where they are numbered in their order.
  ///   - isFound: Whether a string can be looked up.
  /// - Returns: nil where two that can be are the same.
  init?(distinct bytes: [UInt8], starts: [UInt32], values: [Int32] = [], where isFound: (Int) -> Bool = { _ in true }) {
    (self.bytes, self.starts, self.values) = (bytes, starts, values)
    var index = HashIndex(room: starts.count)
    for place in starts.indices where isFound(place) {
      let range = range(at: place)
      if index.set(place, hash(bytes.rawBytes, range), replacing: { hasString(at: $0, bytes.rawBytes, range) }) { return nil }
    }
    self.index = index
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

  /// The number of the string that was added as number `index`.
  func value(at index: Int) -> Int { values.isEmpty ? index : Int(values[index]) }

  /// Whether the string that was added as number `index` is the one at `range` of `text`.
  func hasString(at index: Int, _ text: borrowing RawSpan, _ range: Range<Int>) -> Bool {
    guard index < starts.count else { return false }
    let mine = self.range(at: index)
    return mine.count == range.count && bytes.rawBytes.equals(at: mine.lowerBound, text, range)
  }

  /// What the string at `range` of `text` is looked for by.
  func key(of text: borrowing RawSpan, _ range: Range<Int>) -> UInt64 { hash(text, range) }

  /// Whether any of many keys may be there. What each is compared with is touched on the way: these loads overlap, and looking
  /// each up is quick afterwards.
  func mayHaveAny(_ keys: ArraySlice<UInt64>) -> Bool {
    var (isFound, touched) = (false, UInt8(0))
    for key in keys {
      guard let place = index.candidate(for: key) else { continue }
      isFound = true
      if Int(starts[place]) < bytes.count { touched |= bytes[Int(starts[place])] }
      if !values.isEmpty { touched |= UInt8(truncatingIfNeeded: values[place]) }
    }
    return isFound || touched > 0
  }

  /// The number of the string at `range` of `text`.
  func value(of text: borrowing RawSpan, _ range: Range<Int>) -> Int? { value(of: text, range, key: hash(text, range)) }

  /// The same where its key is known.
  func value(of text: borrowing RawSpan, _ range: Range<Int>, key: UInt64) -> Int? {
    guard let place = place(of: text, range, key: key) else { return nil }
    return value(at: place)
  }

  /// How many strings were added before the one at `range` of `text`, whose key is known.
  func place(of text: borrowing RawSpan, _ range: Range<Int>, key: UInt64) -> Int? {
    // The span is lent to a closure that does not outlive it.
    index.index(of: key) { hasString(at: $0, text, range) }
  }

  func value(of text: Span<UInt8>, _ range: Range<Int>) -> Int? { value(of: text.rawBytes, range) }

  func value(of text: [UInt8]) -> Int? { value(of: text.rawBytes, 0..<text.count) }

  /// Adds a string.
  /// - Returns: The number it had already, which stays; else nil.
  mutating func insert(_ text: borrowing RawSpan, _ range: Range<Int>, value: Int) -> Int? {
    let key = hash(text, range)
    if let value = self.value(of: text, range, key: key) { return value }
    if index.isFull(count) {
      index = HashIndex(room: 2 * count)
      for place in starts.indices { index.set(place, hash(bytes.rawBytes, self.range(at: place))) }
    }
    if value != count || !values.isEmpty {
      if values.isEmpty { values = starts.indices.map(Int32.init) }
      values.append(Int32(value))
    }
    index.set(count, key)
    starts.append(UInt32(bytes.count))
    text.extracting(range).append(to: &bytes)
    return nil
  }

  mutating func insert(_ text: Span<UInt8>, _ range: Range<Int>, value: Int) -> Int? { insert(text.rawBytes, range, value: value) }
}
