internal import ByteStorage

/// Many texts, one after another in one block.
struct TextList {
  private(set) var bytes: [UInt8] = []
  /// Where each begins.
  private(set) var starts: [UInt32] = []

  var count: Int { starts.count }

  init() {}

  /// An empty list with room for so many texts with so many bytes.
  init(room count: Int, byteCount: Int) {
    bytes.reserveCapacity(byteCount)
    starts.reserveCapacity(count)
  }

  mutating func append(_ text: borrowing RawSpan) {
    starts.append(UInt32(bytes.count))
    text.append(to: &bytes)
  }

  /// Adds to the text that is the last.
  mutating func extendLast(_ text: borrowing RawSpan) { text.append(to: &bytes) }

  func range(at index: Int) -> Range<Int> {
    Int(starts[index])..<(index + 1 < starts.count ? Int(starts[index + 1]) : bytes.count)
  }

  /// The last of them, for messages.
  var last: String { String(decoding: bytes[range(at: count - 1)], as: UTF8.self) }
}
