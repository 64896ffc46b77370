/// How Python writes numbers and quotes texts.
enum PythonText {
  /// `repr` of a float: the shortest digits that read back, with an exponent from 1e16 on.
  static func of(_ value: Double) -> String {
    let text = value.description
    guard value.isFinite, abs(value) >= 1e16, !text.contains("e") else { return text }
    // Swift writes these without an exponent up to 2^54.
    let isNegative = text.hasPrefix("-")
    let digits = text.drop { $0 == "-" }.prefix { $0 != "." }
    var fraction = String(digits.dropFirst())
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return (isNegative ? "-" : "") + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + "e+\(digits.count - 1)"
  }

  /// `repr` of a string.
  static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
    var result = String.UnicodeScalarView()
    result.append(quote)
    for scalar in scalars {
      switch scalar {
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case "\\", quote:
        result.append("\\")
        result.append(scalar)
      default:
        if isPrintable(scalar) { result.append(scalar) } else { result.append(contentsOf: escaped(scalar).unicodeScalars) }
      }
    }
    result.append(quote)
    return String(result)
  }

  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7F }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator:
      return false
    default: return true
    }
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case 0..<0x100: "\\x" + hexadecimal(scalar.value, digits: 2)
    case 0x100..<0x10000: "\\u" + hexadecimal(scalar.value, digits: 4)
    default: "\\U" + hexadecimal(scalar.value, digits: 8)
    }
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  /// With `&`, `<`, `>` and both quotes as HTML writes them.
  static func escapedForHTML(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "'": result.append(contentsOf: "&#39;".unicodeScalars)
      case "\"": result.append(contentsOf: "&#34;".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
