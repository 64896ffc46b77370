/// How text from anywhere stands in a page.
enum Escaping {
  /// Text with everything that HTML would read as markup escaped, and every character that steers instead of being seen made visible:
  /// control characters but line ends and tabs, what turns the direction of writing, and what is no character.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      default: isHidden(scalar) ? result += visible(scalar) : result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Text on one line: line ends, tabs and a space at either end are seen too.
  static func token(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "⏎"
      case "\t": result += "⇥"
      default: result.unicodeScalars.append(scalar)
      }
    }
    if result.first == " " { result = "␣" + result.dropFirst() }
    if result.last == " " { result = result.dropLast() + "␣" }
    return result
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .privateUse, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: true
    case .format: ("\u{200E}"..."\u{200F}").contains(scalar) || ("\u{202A}"..."\u{202E}").contains(scalar)
      || ("\u{2060}"..."\u{206F}").contains(scalar) || scalar == "\u{FEFF}"
    default: false
    }
  }

  /// The picture of a control character, or a scalar's number.
  private static func visible(_ scalar: Unicode.Scalar) -> String {
    if scalar.value < 0x20, let picture = Unicode.Scalar(0x2400 + scalar.value) { return String(Character(picture)) }
    return scalar == "\u{7F}" ? "␡" : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
  }
}
