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
    case .string(let value): JSONValue.write(value, to: &text)
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
        JSONValue.write(member.key, to: &text)
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

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\u{08}": text += "\\b"
      case "\u{0C}": text += "\\f"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{00}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
