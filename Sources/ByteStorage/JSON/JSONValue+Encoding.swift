/// Writing.
extension JSONValue {
  /// The document as text: members in their order, the shortest digits that read back as the same
  /// number, nothing escaped that need not be. A number that is not finite becomes `null`.
  /// - Parameter pretty: On several lines, indented by two spaces, without a final newline.
  public func encoded(pretty: Bool = false) -> String {
    var text = ""
    write(to: &text, pretty: pretty, depth: 0)
    return text
  }

  private func write(to text: inout String, pretty: Bool, depth: Int) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? value.description : "null"
    case .string(let value): text.appendJSON(value)
    case .array(let elements):
      guard !elements.isEmpty else { return text += "[]" }
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += "," }
        if pretty { JSONValue.breakLine(&text, depth: depth + 1) }
        element.write(to: &text, pretty: pretty, depth: depth + 1)
      }
      if pretty { JSONValue.breakLine(&text, depth: depth) }
      text += "]"
    case .object(let object):
      guard !object.isEmpty else { return text += "{}" }
      text += "{"
      for (index, member) in object.members.enumerated() {
        if index > 0 { text += "," }
        if pretty { JSONValue.breakLine(&text, depth: depth + 1) }
        text.appendJSON(member.key)
        text += pretty ? ": " : ":"
        member.value.write(to: &text, pretty: pretty, depth: depth + 1)
      }
      if pretty { JSONValue.breakLine(&text, depth: depth) }
      text += "}"
    }
  }

  private static func breakLine(_ text: inout String, depth: Int) {
    text += "\n"
    for _ in 0..<depth { text += "  " }
  }
}

extension String {
  /// Appends a text as JSON has it, between quotes.
  /// - Parameter isASCII: Whether everything beyond ASCII is escaped too, by its UTF-16 units.
  public mutating func appendJSON(_ text: String, isASCII: Bool = false) {
    self += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": self += "\\\""
      case "\\": self += "\\\\"
      case "\u{08}": self += "\\b"
      case "\u{0C}": self += "\\f"
      case "\n": self += "\\n"
      case "\r": self += "\\r"
      case "\t": self += "\\t"
      case "\u{00}"..<"\u{20}": appendJSONEscape(UInt16(scalar.value))
      case "\u{80}"... where isASCII: String(scalar).utf16.forEach { appendJSONEscape($0) }
      default: unicodeScalars.append(scalar)
      }
    }
    self += "\""
  }

  private mutating func appendJSONEscape(_ unit: UInt16) {
    let digits = String(unit, radix: 16)
    self += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}

extension JSONObject {
  /// The document as a file: indented, with a final newline.
  package var fileBytes: [UInt8] { Array((JSONValue.object(self).encoded(pretty: true) + "\n").utf8) }
}
