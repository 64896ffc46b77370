internal import ByteStorage

extension PatternParser {
  /// What stands between `[` and `]`: classes may hold classes, and `&&` is what both sides hold.
  mutating func characterClass(isNested: Bool = false) throws(GriffinError) -> ScalarSet {
    // What a class in a class holds, folded, is Oniguruma's own affair.
    func checkCase(_ what: String) throws(GriffinError) {
      if ignoresCase { throw unsupported("\(what) in any case") }
    }
    let isNegative = take("^")
    // Oniguruma then takes bytes for characters where both together leave none beyond ASCII.
    if isNested, isNegative, isInNegatedClass { throw unsupported("a negated class in a negated class") }
    if !isNested { isInNegatedClass = isNegative }
    if next == "]" { throw unsupported("a class that begins with `]`") }
    var both: ScalarSet.Content?
    var parts: [ScalarSet.Content] = []
    func joined() -> ScalarSet.Content {
      let union: ScalarSet.Content = parts.count == 1 ? parts[0] : .union(parts)
      return both.map { .both($0, union) } ?? union
    }
    while true {
      guard let scalar = next else { throw malformed("a `[` without its `]`") }
      if take("]") { break }
      if take("&&") {
        try checkCase("`&&`")
        if parts.isEmpty { throw unsupported("`&&` without its left side") }
        both = joined()
        parts = []
        continue
      }
      if scalar == "[" {
        try checkCase("a class in a class")
        parts.append(try bracketed())
        continue
      }
      parts.append(try member())
    }
    if parts.isEmpty { throw unsupported("an empty side of a class") }
    let content = joined()
    return ScalarSet(isNegative ? .not(content) : content)
  }

  private mutating func bracketed() throws(GriffinError) -> ScalarSet.Content {
    if take("[:") {
      let isNegative = take("^")
      var name = ""
      while let scalar = next, ("a"..."z").contains(scalar) {
        name.unicodeScalars.append(scalar)
        position += 1
      }
      guard take(":]") else { throw unsupported("`[:` in a class") }
      guard let set = PatternProperty.bracket(name) else { throw unsupported("[:\(name):]") }
      return isNegative ? .not(set.content) : set.content
    }
    position += 1
    return try nested { (parser) throws(GriffinError) in try parser.characterClass(isNested: true) }.content
  }

  /// A character, a range of them, or a property.
  private mutating func member() throws(GriffinError) -> ScalarSet.Content {
    let (low, set) = try element()
    guard let low else { return set.content }
    guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else { return try plain(low...low) }
    let start = position
    position += 1
    if next == "[" || next == "-" || scalars[position...].starts(with: "&&".unicodeScalars) {
      position = start
      throw unsupported("a `-` beside a class")
    }
    let (high, _) = try element()
    guard let high, high >= low else { throw unsupported("a range that ends with a property or before it begins") }
    return try plain(low...high)
  }

  /// - Returns: A scalar, or a set where it is none.
  private mutating func element() throws(GriffinError) -> (UInt32?, ScalarSet) {
    guard let scalar = next else { throw malformed("a `[` without its `]`") }
    position += 1
    guard scalar == "\\" else { return (scalar.value, ScalarSet(scalar.value)) }
    if take("b") { return (8, ScalarSet(8)) }
    if let value = try escapedScalar() { return (value, ScalarSet(value)) }
    let set = try escapedSet()
    if set == PatternProperty.bareWord { return (nil, PatternProperty.word) }
    return (nil, set == PatternProperty.notBareWord ? ScalarSet(.not(PatternProperty.word.content)) : set)
  }

  private func plain(_ range: ClosedRange<UInt32>) throws(GriffinError) -> ScalarSet.Content {
    guard ignoresCase else { return .ranges([range]) }
    if range.count == 1, let scalar = Unicode.Scalar(range.lowerBound) {
      return try literal(scalar).content
    }
    guard PatternCase.isPlain(range) else { throw unsupported("a range of letters in any case") }
    var ranges = [range]
    if range.upperBound < 0x80 {
      for value in range { ranges += (Unicode.Scalar(value).flatMap(PatternCase.all) ?? []).map { $0...$0 } }
    }
    return .ranges(ranges)
  }

  /// What a `\` stands before, where that is a set; the `\` is passed.
  mutating func escapedSet() throws(GriffinError) -> ScalarSet {
    if let value = try escapedScalar() {
      guard let scalar = Unicode.Scalar(value) else { throw malformed("a character that is none") }
      return try literal(scalar)
    }
    guard let scalar = next else { throw malformed("a `\\` at the end") }
    position += 1
    switch scalar {
    case "d": return PatternProperty.digit
    case "D": return ScalarSet(.not(PatternProperty.digit.content))
    case "s": return PatternProperty.space
    case "S": return ScalarSet(.not(PatternProperty.space.content))
    case "w": return PatternProperty.bareWord
    case "W": return PatternProperty.notBareWord
    // A hexadecimal digit, where others have horizontal space.
    case "h": return PatternProperty.hexDigit
    case "H": return ScalarSet(.not(PatternProperty.hexDigit.content))
    case "p", "P": return try property(isNegative: scalar == "P")
    default:
      position -= 1
      throw unsupported("`\\\(scalar)`")
    }
  }

  private mutating func property(isNegative: Bool) throws(GriffinError) -> ScalarSet {
    guard take("{") else { throw unsupported("a property without braces") }
    let isInverted = take("^")
    var name = ""
    while let scalar = next, scalar != "}" {
      name.unicodeScalars.append(scalar)
      position += 1
    }
    guard take("}") else { throw malformed("a property without its `}`") }
    guard let set = PatternProperty.named(name) else { throw unsupported("the property \(name.shortened(to: 40))") }
    if ignoresCase, ["lu", "ll", "lt"].contains(where: { PatternProperty.named($0) == set }) {
      throw unsupported("a property of one case in any case")
    }
    return isNegative != isInverted ? ScalarSet(.not(set.content)) : set
  }

  /// A character that is spelled with a `\`, which is passed; nil where the `\` begins something else.
  private mutating func escapedScalar() throws(GriffinError) -> UInt32? {
    guard let scalar = next else { throw malformed("a `\\` at the end") }
    let controls: [Unicode.Scalar: UInt32] = ["t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "a": 7, "e": 27]
    if let value = controls[scalar] {
      position += 1
      return value
    }
    switch scalar {
    case "x":
      position += 1
      if take("{") {
        let value = hexadecimal(8)
        guard take("}"), let value, Unicode.Scalar(value) != nil else { throw malformed("a character that is none") }
        return value
      }
      guard let value = hexadecimal(2) else { throw unsupported("`\\x` without a number") }
      // Beyond ASCII it would be a byte and no character.
      guard value < 0x80 else { throw unsupported("a byte") }
      return value
    case "u":
      position += 1
      let start = position
      guard let value = hexadecimal(4), position == start + 4, Unicode.Scalar(value) != nil else {
        throw malformed("a character that is none")
      }
      return value
    case "0"..."9", "a"..."z", "A"..."Z": return nil
    default:
      guard scalar.isASCII else { return nil }
      position += 1
      return scalar.value
    }
  }

  private mutating func hexadecimal(_ digits: Int) -> UInt32? {
    var text = ""
    while text.utf8.count < digits, let scalar = next, scalar.isASCII, scalar.properties.isASCIIHexDigit {
      text.unicodeScalars.append(scalar)
      position += 1
    }
    return UInt32(text, radix: 16)
  }
}
