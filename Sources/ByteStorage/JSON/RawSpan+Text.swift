/// Looking at text eight bytes at a time.
///
/// Sound because a word is loaded only where all its bytes are inside the span, and integers have no invalid bits.
extension RawSpan {
  private static let everyByte: UInt64 = 0x0101_0101_0101_0101
  private static let highBits: UInt64 = 0x8080_8080_8080_8080

  /// Where the first quote, backslash or control character from `start` on is, or the end of the span; and whether all
  /// before it is ASCII. (Non-ASCII bytes shortly behind it may count as before it.)
  func endOfPlainText(from start: Int) -> (end: Int, isASCII: Bool) {
    var position = start
    var seen: UInt64 = 0
    while position <= byteCount - 8 {
      let word = UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
      seen |= word
      let found = RawSpan.marks(UInt8(ascii: "\""), in: word) | RawSpan.marks(UInt8(ascii: "\\"), in: word) | RawSpan.controls(in: word)
      guard found == 0 else { return (position + found.trailingZeroBitCount / 8, seen & RawSpan.highBits == 0) }
      position += 8
    }
    while position < byteCount {
      let byte = self[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
      seen |= UInt64(byte)
      position += 1
    }
    return (position, seen & RawSpan.highBits == 0)
  }

  /// Where a byte is that occurs once; nil where there is none, or several.
  public func onlyPlace(of byte: UInt8) -> Int? {
    var (position, place, found) = (0, 0, 0)
    while position <= byteCount - 8 {
      let word = UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
      let difference = word ^ (RawSpan.everyByte &* UInt64(byte))
      // The high bit of each byte that is zero, and of no other.
      let zeros = ~((difference & ~RawSpan.highBits) &+ ~RawSpan.highBits | difference | ~RawSpan.highBits)
      if zeros != 0 {
        found += zeros.nonzeroBitCount
        place = position + zeros.trailingZeroBitCount / 8
      }
      position += 8
    }
    while position < byteCount {
      if unsafe unsafeLoadUnaligned(fromByteOffset: position, as: UInt8.self) == byte {
        found += 1
        place = position
      }
      position += 1
    }
    return found == 1 ? place : nil
  }

  /// The high bit of each byte that is `byte`, and perhaps of bytes above the lowest of them.
  @inline(__always)
  private static func marks(_ byte: UInt8, in word: UInt64) -> UInt64 {
    let difference = word ^ (everyByte &* UInt64(byte))
    return (difference &- everyByte) & ~difference & highBits
  }

  /// The high bit of each byte below 0x20, and perhaps of bytes above the lowest of them.
  @inline(__always)
  private static func controls(in word: UInt64) -> UInt64 { (word &- everyByte &* 0x20) & ~word & highBits }

  /// Whether the bytes are UTF-8.
  var isUTF8: Bool {
    // Of characters beyond ASCII those of two bytes are the common ones: byte-level vocabularies are full of them.
    var lead: UInt64 = 0
    for position in stride(from: 0, to: byteCount, by: 8) {
      let word = word(at: position)
      let seconds = word & ~(word << 1) & RawSpan.highBits
      // Bits of a byte moved to its highest: the second, the third, and any of the four before the last.
      let leads = word & (word << 1) & RawSpan.highBits
      let isLonger = leads & (word << 2) != 0
      let isShorter = leads & ~(word << 3 | word << 4 | word << 5 | word << 6) != 0
      guard !isLonger, !isShorter, seconds == leads << 8 | lead else { return isUTF8Anywhere }
      lead = leads >> 56
    }
    return lead == 0
  }

  /// Eight bytes, those beyond the end of the span 0.
  @inline(__always)
  private func word(at position: Int) -> UInt64 {
    let count = byteCount - position
    if count >= 8 { return UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)) }
    if byteCount >= 8 {
      return UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: byteCount - 8, as: UInt64.self)) >> (8 * (8 - count))
    }
    var word: UInt64 = 0
    for offset in 0..<count { word |= UInt64(unsafe unsafeLoadUnaligned(fromByteOffset: position + offset, as: UInt8.self)) << (8 * offset) }
    return word
  }

  private var isUTF8Anywhere: Bool {
    // Sound: bytes are valid as bytes, and the view is used here only.
    let view = unsafe _unsafeView(as: UInt8.self)
    return (try? UTF8Span(validating: view)) != nil
  }

  /// Appends the bytes to an array.
  public func append(to array: inout [UInt8]) { unsafe withUnsafeBytes { unsafe array.append(contentsOf: $0) } }
}
