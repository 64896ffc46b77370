/// Strings, numbers and words.
extension JSONReader {
  /// Digits, sign, point and exponent of one number; no real document comes near.
  private static let maximumNumberBytes = 1024

  /// Reads the string whose opening quote is at `position`; afterwards `text` is what it holds.
  mutating func readStringLiteral() throws(GriffinError) {
    let start = position + 1
    // Most strings hold no escapes and stay where they are.
    let (end, isASCII) = bytes.endOfPlainText(from: start)
    guard end - start <= limits.stringBytes else { throw stringTooLong() }
    guard end < bytes.byteCount else { throw failure(.malformed, "a string does not end", at: position) }
    switch bytes[end] {
    case UInt8(ascii: "\""): break
    case UInt8(ascii: "\\"): return try readEscapedString(from: start, plainEnd: end)
    default: throw failure(.malformed, "a control character in a string is not escaped", at: end)
    }
    guard isASCII || bytes.extracting(start..<end).isUTF8 else {
      throw failure(.malformed, "a string is not valid UTF-8", at: position)
    }
    plainText = start..<end
    position = end + 1
  }

  private mutating func readEscapedString(from start: Int, plainEnd: Int) throws(GriffinError) {
    unescapedText.removeAll(keepingCapacity: true)
    plainText = nil
    var (done, cursor) = (start, plainEnd)
    while true {
      bytes.extracting(done..<cursor).append(to: &unescapedText)
      guard cursor - start <= limits.stringBytes else { throw stringTooLong() }
      guard cursor < bytes.byteCount else { throw failure(.malformed, "a string does not end", at: position) }
      switch bytes[cursor] {
      case UInt8(ascii: "\""):
        guard unescapedText.rawBytes.isUTF8 else { throw failure(.malformed, "a string is not valid UTF-8", at: position) }
        position = cursor + 1
        return
      case UInt8(ascii: "\\"): unescapedText.append(contentsOf: String(try readEscape(&cursor)).utf8)
      default: throw failure(.malformed, "a control character in a string is not escaped", at: cursor)
      }
      done = cursor
      cursor = bytes.endOfPlainText(from: cursor).end
    }
  }

  /// Reads the escape whose backslash is at `cursor`, both halves of a surrogate pair at once.
  private func readEscape(_ cursor: inout Int) throws(GriffinError) -> Unicode.Scalar {
    let start = cursor
    let letter = start + 1 < bytes.byteCount ? bytes[start + 1] : 0
    cursor += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{08}"
    case UInt8(ascii: "f"): return "\u{0C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw failure(.malformed, "a string holds an escape that JSON does not have", at: start)
    }
    let unit = try readHexadecimal(&cursor)
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard unit < 0xDC00, cursor + 1 < bytes.byteCount, bytes[cursor] == UInt8(ascii: "\\"),
      bytes[cursor + 1] == UInt8(ascii: "u")
    else { throw failure(.malformed, "a string holds half of a surrogate pair", at: start) }
    cursor += 2
    let low = try readHexadecimal(&cursor)
    guard (0xDC00...0xDFFF).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (UInt32(unit - 0xD800) << 10) + UInt32(low - 0xDC00))
    else { throw failure(.malformed, "a string holds half of a surrogate pair", at: start) }
    return scalar
  }

  private func readHexadecimal(_ cursor: inout Int) throws(GriffinError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard cursor < bytes.byteCount, let digit = Character(UnicodeScalar(bytes[cursor])).hexDigitValue else {
        throw failure(.malformed, "expected four hexadecimal digits after \\u", at: min(cursor, bytes.byteCount))
      }
      value = value << 4 | UInt16(digit)
      cursor += 1
    }
    return value
  }

  private func stringTooLong() -> GriffinError {
    failure(.unsafe, "a string is longer than \(limits.stringBytes) bytes", at: position)
  }

  /// Reads the number whose first byte is at `position`.
  mutating func readNumberLiteral() throws(GriffinError) -> Token {
    let start = position
    if let value = readShortInteger() { return .integer(value) }
    var cursor = start
    if bytes[cursor] == UInt8(ascii: "-") { cursor += 1 }
    let integerStart = cursor
    let integerDigits = skipDigits(&cursor)
    guard integerDigits > 0 else { throw bareNumber() ?? failure(.malformed, "a number has no digits", at: start) }
    guard integerDigits == 1 || bytes[integerStart] != UInt8(ascii: "0") else {
      throw failure(.malformed, "a number starts with a superfluous 0", at: start)
    }
    var isInteger = true
    if cursor < bytes.byteCount, bytes[cursor] == UInt8(ascii: ".") {
      isInteger = false
      cursor += 1
      guard skipDigits(&cursor) > 0 else { throw failure(.malformed, "a number has no digits after its point", at: start) }
    }
    if cursor < bytes.byteCount, bytes[cursor] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      cursor += 1
      if cursor < bytes.byteCount, bytes[cursor] == UInt8(ascii: "+") || bytes[cursor] == UInt8(ascii: "-") { cursor += 1 }
      guard skipDigits(&cursor) > 0 else { throw failure(.malformed, "a number has no digits in its exponent", at: start) }
    }
    guard cursor - start <= JSONReader.maximumNumberBytes, let text = bytes.extracting(start..<cursor).utf8Text else {
      throw failure(.unsafe, "a number is longer than \(JSONReader.maximumNumberBytes) bytes", at: start)
    }
    position = cursor
    // A negative zero has no Int.
    if isInteger, let value = Int(text), value != 0 || integerStart == start { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw failure(.malformed, "the number \(text.shortened(to: 40)) is beyond what 64-bit floating point holds", at: start)
    }
    return .number(value)
  }

  /// The integer at `position`, if it is one of up to 18 digits without a sign and without a superfluous 0.
  private mutating func readShortInteger() -> Int? {
    var cursor = position
    var value = 0
    while cursor < bytes.byteCount, bytes[cursor] &- UInt8(ascii: "0") < 10, cursor - position < 18 {
      value = value &* 10 &+ Int(bytes[cursor] &- UInt8(ascii: "0"))
      cursor += 1
    }
    guard cursor > position, cursor - position == 1 || bytes[position] != UInt8(ascii: "0"), cursor < bytes.byteCount else { return nil }
    switch bytes[cursor] {
    case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09: break
    default: return nil
    }
    position = cursor
    return value
  }

  private func skipDigits(_ cursor: inout Int) -> Int {
    let start = cursor
    while cursor < bytes.byteCount, bytes[cursor] >= UInt8(ascii: "0"), bytes[cursor] <= UInt8(ascii: "9") { cursor += 1 }
    return cursor - start
  }

  /// Reads `true`, `false` or `null`.
  mutating func readWord(_ word: StaticString, _ token: Token) throws(GriffinError) -> Token {
    let text = word.description
    let end = position + text.utf8.count
    guard end <= bytes.byteCount, bytes.extracting(position..<end).utf8Text == text else {
      throw bareNumber() ?? failure(.malformed, "expected \(text)", at: position)
    }
    position = end
    return token
  }
}
