import ByteStorage

/// `str.format`: fields by number or name, with `!r` and `!s`, a width and an alignment.
struct BraceFormat {
  private let renderer: Renderer
  private let given: GivenArguments
  /// The next field without a number.
  private var next = 0

  init(_ renderer: Renderer, _ given: GivenArguments) { (self.renderer, self.given) = (renderer, given) }

  func text(of format: String) throws(GriffinError) -> String {
    var copy = self
    return try copy.run(Array(format.unicodeScalars))
  }

  private mutating func run(_ format: [Unicode.Scalar]) throws(GriffinError) -> String {
    var result = String.UnicodeScalarView()
    var index = 0
    while index < format.count {
      let scalar = format[index]
      index += 1
      guard scalar == "{" || scalar == "}" else {
        result.append(scalar)
        continue
      }
      if index < format.count, format[index] == scalar {
        result.append(scalar)
        index += 1
        continue
      }
      guard scalar == "{" else { throw renderer.fail("Single '}' encountered in format string") }
      guard let end = format[index...].firstIndex(of: "}") else { throw renderer.fail("expected '}' before end of string") }
      let field = Array(format[index..<end])
      let text = try self.text(ofField: field)
      try renderer.charge(bytes: text.utf8.count)
      result.append(contentsOf: text.unicodeScalars)
      index = end + 1
    }
    return String(result)
  }

  private mutating func text(ofField field: [Unicode.Scalar]) throws(GriffinError) -> String {
    guard !field.contains("{") else { throw renderer.unknown("a format inside of a format") }
    let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let named = parts[0].split(separator: "!", maxSplits: 1, omittingEmptySubsequences: false)
    let value = try value(named: String(String.UnicodeScalarView(named[0])))
    let layout = parts.count > 1 ? Array(parts[1]) : []
    let text: String
    switch named.count > 1 ? Array(named[1]) : [] {
    case ["r"]: text = try renderer.representation(of: value)
    case [], ["s"]: text = try renderer.string(of: value)
    default: throw renderer.unknown("the conversion of a format field")
    }
    guard !layout.isEmpty else { return text }
    guard named.count > 1 || value.text != nil || value.integer != nil else {
      throw renderer.unknown("the format of a \(value.typeName)")
    }
    if case .bool = value, named.count == 1 { throw renderer.unknown("the format of a bool") }
    return try padded(text, layout, isNumber: named.count == 1 && value.text == nil)
  }

  private mutating func value(named name: String) throws(GriffinError) -> Value {
    if name.isEmpty || name.unicodeScalars.allSatisfy(\.isDigit) {
      guard let number = name.isEmpty ? next : Int(name), number < given.positional.count else {
        throw renderer.fail(
          "Replacement index \(name.isEmpty ? String(next) : name.shortened) out of range for positional args tuple")
      }
      if name.isEmpty { next += 1 }
      return given.positional[number]
    }
    guard let found = given.keywords.first(where: { $0.name == name }) else {
      throw name.contains(".") || name.contains("[")
        ? renderer.unknown("the format field \(name.shortened)") : renderer.fail("'\(name.shortened)'")
    }
    return found.value
  }

  private func padded(_ text: String, _ layout: [Unicode.Scalar], isNumber: Bool) throws(GriffinError) -> String {
    var (rest, fill, side): (ArraySlice<Unicode.Scalar>, Unicode.Scalar, Unicode.Scalar) = (
      layout[...], " ", isNumber ? ">" : "<"
    )
    func isSide(_ scalar: Unicode.Scalar?) -> Bool { scalar == "<" || scalar == ">" || scalar == "^" }
    if rest.count > 1, isSide(rest.dropFirst().first) {
      (fill, side) = (rest.removeFirst(), rest.removeFirst())
    } else if isSide(rest.first) {
      side = rest.removeFirst()
    }
    if let last = rest.last, last == (isNumber ? "d" : "s") { rest.removeLast() }
    let digits = String(String.UnicodeScalarView(rest))
    guard rest.first != "0", let width = digits.isEmpty ? 0 : Int(digits), rest.allSatisfy(\.isDigit) else {
      throw renderer.unknown("the format \(String(String.UnicodeScalarView(layout)).shortened)")
    }
    let missing = max(0, width - text.unicodeScalars.count)
    try renderer.charge(bytes: 4, times: missing)
    let left = side == "<" ? 0 : side == ">" ? missing : missing / 2
    func filled(_ count: Int) -> String { String(String.UnicodeScalarView(repeatElement(fill, count: count))) }
    return filled(left) + text + filled(missing - left)
  }
}
