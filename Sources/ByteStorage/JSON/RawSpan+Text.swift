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
    var position = 0
    // Of characters beyond ASCII those of two bytes are the common ones: byte-level vocabularies are full of them.
    while position < byteCount {
      let byte = unsafe unsafeLoadUnaligned(fromByteOffset: position, as: UInt8.self)
      if byte < 0x80 {
        position += 1
        continue
      }
      guard 0xC2...0xDF ~= byte, position + 1 < byteCount,
        unsafe unsafeLoadUnaligned(fromByteOffset: position + 1, as: UInt8.self) & 0xC0 == 0x80
      else { return extracting(position..<byteCount).isUTF8Anywhere }
      position += 2
    }
    return true
  }

  private var isUTF8Anywhere: Bool {
    // Sound: bytes are valid as bytes, and the view is used here only.
    let view = unsafe _unsafeView(as: UInt8.self)
    return (try? UTF8Span(validating: view)) != nil
  }

  /// Appends the bytes to an array.
  public func append(to array: inout [UInt8]) { unsafe withUnsafeBytes { unsafe array.append(contentsOf: $0) } }
}
