import ByteStorage

/// `text % values`: texts and whole numbers, with a width.
struct PercentFormat {
  private let renderer: Renderer
  private let values: [Value]
  private let named: Value.Dictionary?
  private let isMarked: Bool
  private var next = 0

  init(_ renderer: Renderer, values: [Value], named: Value.Dictionary?, isMarked: Bool) {
    (self.renderer, self.values, self.named, self.isMarked) = (renderer, values, named, isMarked)
  }

  mutating func text(of format: String) throws(GriffinError) -> String {
    var result = String.UnicodeScalarView()
    var rest = format.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "%" else {
        result.append(scalar)
        continue
      }
      let text = try field(&rest)
      try renderer.charge(bytes: text.utf8.count)
      result.append(contentsOf: text.unicodeScalars)
    }
    guard named != nil || next >= values.count else {
      throw renderer.fail("not all arguments converted during string formatting")
    }
    return String(result)
  }

  private mutating func field(_ rest: inout Substring.UnicodeScalarView) throws(GriffinError) -> String {
    var name: String?
    if rest.first == "(" {
      guard let end = rest.firstIndex(of: ")") else { throw renderer.fail("incomplete format key") }
      name = String(rest[rest.index(after: rest.startIndex)..<end])
      rest = rest[rest.index(after: end)...]
    }
    var flags: Set<Unicode.Scalar> = []
    while let flag = rest.first, ["-", "+", "0", " ", "#"].contains(flag) {
      flags.insert(flag)
      rest.removeFirst()
    }
    let width = try number(&rest) ?? 0
    var precision: Int?
    if rest.first == "." {
      rest.removeFirst()
      precision = try number(&rest) ?? 0
    }
    guard let type = rest.popFirst() else { throw renderer.fail("incomplete format") }
    if type == "%" { return "%" }
    let value = try value(name)
    var text: String
    switch type {
    case "s", "r":
      text = try type == "s" ? renderer.string(of: value) : renderer.representation(of: value)
      if isMarked { text = renderer.escaped(value, text) }
      if let precision { text = String(text.unicodeScalars.prefix(precision)) }
      flags.remove("0")
    case "d", "i", "u":
      text = try integer(value, flags)
      if let precision, precision > 0 { throw renderer.unknown("the precision of a whole number") }
    default: throw renderer.unknown("the format %\(type)")
    }
    let missing = max(0, width - text.unicodeScalars.count)
    try renderer.charge(bytes: 1, times: missing)
    if flags.contains("-") { return text + String(repeating: " ", count: missing) }
    guard flags.contains("0") else { return String(repeating: " ", count: missing) + text }
    let sign = text.prefix { $0 == "-" || $0 == "+" || $0 == " " }
    return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
  }

  private func integer(_ value: Value, _ flags: Set<Unicode.Scalar>) throws(GriffinError) -> String {
    var number = value.integer
    if case .float(let float) = value { number = Int(exactly: float.rounded(.towardZero)) }
    guard let number else { throw renderer.fail("%d format: a real number is required, not \(value.typeName)") }
    let sign = number < 0 ? "" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : ""
    return sign + String(number)
  }

  private func number(_ rest: inout Substring.UnicodeScalarView) throws(GriffinError) -> Int? {
    if rest.first == "*" { throw renderer.unknown("a width among the values") }
    let digits = rest.prefix(while: \.isDigit)
    rest = rest[digits.endIndex...]
    guard !digits.isEmpty else { return nil }
    guard let number = Int(String(digits)) else { throw renderer.fail("width too big") }
    return number
  }

  private mutating func value(_ name: String?) throws(GriffinError) -> Value {
    if let name {
      guard let named else { throw renderer.fail("format requires a mapping") }
      guard let value = named[name] else { throw renderer.fail("'\(name.shortened)'") }
      return value
    }
    guard next < values.count else { throw renderer.fail("not enough arguments for format string") }
    defer { next += 1 }
    return values[next]
  }
}

extension Renderer {
  /// `text % value`, where a tuple is several values and a dictionary named ones.
  func formatted(_ format: Value, by value: Value) throws(GriffinError) -> Value {
    let text = format.text ?? ""
    try charge(bytes: text.utf8.count)
    var (values, named): ([Value], Value.Dictionary?) = ([value], nil)
    if case .tuple(let elements) = value { values = elements.values }
    if case .dictionary(let dictionary) = value { named = dictionary }
    // A list without a field for it is no error in Python.
    if case .list = value, !text.contains("%") { values = [] }
    let isMarked = if case .markup = format { true } else { false }
    var formatter = PercentFormat(self, values: values, named: named, isMarked: isMarked)
    let result = try formatter.text(of: text)
    return isMarked ? .markup(result) : .string(result)
  }
}
