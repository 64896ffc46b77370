import ByteStorage

/// Inside of tags.
extension Lexer {
  /// Longest first.
  private static let signs = [
    "**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|",
    ",", ";",
  ]
  private static let closers = ["(": ")", "[": "]", "{": "}"]

  /// Everything up to the end of the tag, and that end.
  mutating func readTag(isBlock: Bool, from begin: Place) throws(GriffinError) {
    let mark = isBlock ? "%}" : "}}"
    var open: [String] = []
    while position < source.count {
      // What looks like an end inside of brackets is none.
      if open.isEmpty, let end = closing(mark, at: position) {
        try add(isBlock ? .blockEnd : .variableEnd)
        return advance(to: end)
      }
      let scalar = source[position]
      if scalar.isPythonSpace {
        advance(to: skipSpace(position))
      } else if scalar.isDigit {
        try readNumber()
      } else if scalar.isNamePart {
        try readName()
      } else if scalar == "'" || scalar == "\"" {
        try readString(scalar)
      } else if let sign = Lexer.signs.first(where: { skip($0, from: position) != nil }) {
        if let closer = Lexer.closers[sign] { open.append(closer) }
        if sign == ")" || sign == "]" || sign == "}" {
          guard let expected = open.popLast() else { throw fail("unexpected \(sign)") }
          guard expected == sign else { throw fail("unexpected \(sign), expected \(expected)") }
        }
        try add(.sign(sign))
        advance(to: position + sign.unicodeScalars.count)
      } else {
        throw fail("unexpected character \(scalar.escaped(asASCII: true))")
      }
    }
    throw fail("the tag does not end", at: begin)
  }

  private mutating func readName() throws(GriffinError) {
    var end = position
    while end < source.count, source[end].isNamePart { end += 1 }
    guard source[position] == "_" || source[position].properties.isXIDStart else { throw fail("a name cannot begin so") }
    try add(.name(String(String.UnicodeScalarView(source[position..<end]))))
    advance(to: end)
  }

  // MARK: Numbers

  private mutating func readNumber() throws(GriffinError) {
    let isMember = position > 0 && source[position - 1] == "."
    if !isMember, let end = floatEnd() {
      let digits = String(String.UnicodeScalarView(source[position..<end].filter { $0 != "_" }))
      guard let value = Double(digits) else { throw fail("\(digits.shortened) is no number") }
      try add(.float(value))
      return advance(to: end)
    }
    let (radix, start) = prefixedRadix()
    var end = start
    if radix == 10, source[position] == "0" {
      end = digits(from: start) { $0 == "0" }
    } else {
      end = digits(from: start) { $0.isDigit(radix: radix) }
    }
    let digits = String(String.UnicodeScalarView(source[start..<end].filter { $0 != "_" }))
    guard let value = Int(digits, radix: radix) else { throw fail(.unsupported, "\(digits.shortened) is beyond 64 bits") }
    try add(.integer(value))
    advance(to: end)
  }

  private func prefixedRadix() -> (Int, Int) {
    guard source[position] == "0", position + 1 < source.count else { return (10, position) }
    let radix: Int
    switch source[position + 1] {
    case "x", "X": radix = 16
    case "o", "O": radix = 8
    case "b", "B": radix = 2
    default: return (10, position)
    }
    var start = position + 2
    if start < source.count, source[start] == "_" { start += 1 }
    return start < source.count && source[start].isDigit(radix: radix) ? (radix, start) : (10, position)
  }

  /// The end of a run of digits with single underscores between them.
  private func digits(from start: Int, _ isDigit: (Unicode.Scalar) -> Bool) -> Int {
    var end = start
    while end < source.count {
      if isDigit(source[end]) {
        end += 1
      } else if source[end] == "_", end > start, source[end - 1] != "_", end + 1 < source.count, isDigit(source[end + 1]) {
        end += 1
      } else {
        break
      }
    }
    return end
  }

  /// The end of a number with a fraction or an exponent; nil where there is neither.
  private func floatEnd() -> Int? {
    let whole = digits(from: position) { $0.isDigit }
    var end = whole
    if end + 1 < source.count, source[end] == ".", source[end + 1].isDigit { end = digits(from: end + 1) { $0.isDigit } }
    if end < source.count, source[end] == "e" || source[end] == "E" {
      var exponent = end + 1
      if exponent < source.count, source[exponent] == "+" || source[exponent] == "-" { exponent += 1 }
      if exponent < source.count, source[exponent].isDigit { end = digits(from: exponent) { $0.isDigit } }
    }
    return end > whole ? end : nil
  }

  // MARK: Strings

  private mutating func readString(_ quote: Unicode.Scalar) throws(GriffinError) {
    let begin = place
    var text = String.UnicodeScalarView()
    var index = position + 1
    while index < source.count, source[index] != quote {
      if source[index] == "\\", index + 1 < source.count {
        index = try readEscape(at: index + 1, into: &text)
      } else {
        text.append(source[index])
        index += 1
      }
    }
    guard index < source.count else { throw fail("the string does not end", at: begin) }
    try add(.string(String(text)), at: begin)
    advance(to: index + 1)
  }

  /// What follows a backslash, as in Python's strings; one that means nothing stays.
  private func readEscape(at index: Int, into text: inout String.UnicodeScalarView) throws(GriffinError) -> Int {
    let plain: [Unicode.Scalar: Unicode.Scalar] = [
      "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{B}",
    ]
    let scalar = source[index]
    if scalar == "\n" { return index + 1 }
    if let meant = plain[scalar] {
      text.append(meant)
      return index + 1
    }
    if scalar.isDigit(radix: 8) {
      var end = index
      while end < min(index + 3, source.count), source[end].isDigit(radix: 8) { end += 1 }
      return try append(index..<end, radix: 8, to: &text)
    }
    let counts: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
    if let count = counts[scalar] {
      let range = (index + 1)..<(index + 1 + count)
      guard range.upperBound <= source.count, source[range].allSatisfy({ $0.isDigit(radix: 16) }) else {
        throw fail("\\\(scalar) needs \(count) hexadecimal digits")
      }
      return try append(range, radix: 16, to: &text)
    }
    if scalar == "N" { throw fail(.unsupported, "characters by name, \\N, are not known") }
    text.append("\\")
    text.append(scalar)
    return index + 1
  }

  private func append(
    _ digits: Range<Int>, radix: Int, to text: inout String.UnicodeScalarView
  ) throws(GriffinError) -> Int {
    let number = UInt32(String(String.UnicodeScalarView(source[digits])), radix: radix)
    guard let scalar = number.flatMap({ Unicode.Scalar($0) }) else {
      throw fail("an escaped character that Unicode does not have")
    }
    text.append(scalar)
    return digits.upperBound
  }
}
