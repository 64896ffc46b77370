/// What Python says of characters.
extension Unicode.Scalar {
  /// `str.isspace`, and `\s` in its regular expressions.
  var isPythonSpace: Bool {
    switch value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0: true
    case 0..<0x1680: false
    default: properties.isWhitespace
    }
  }

  /// A line end to `str.splitlines`.
  var isLineEnd: Bool {
    switch value {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  var isDigit: Bool { value >= 0x30 && value <= 0x39 }

  func isDigit(radix: Int) -> Bool {
    switch value {
    case 0x30...0x39: Int(value) - 0x30 < radix
    case 0x41...0x46, 0x61...0x66: radix == 16
    default: false
    }
  }

  /// A letter, digit or underscore of any script.
  var isNamePart: Bool {
    switch value {
    case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
    case 0..<0x80: false
    default: properties.isXIDContinue
    }
  }

  /// `\w` in Python's regular expressions.
  var isWordPart: Bool { self == "_" || properties.isPythonAlphanumeric }
}

extension Unicode.Scalar.Properties {
  var isPythonAlphabetic: Bool {
    switch generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  var isPythonAlphanumeric: Bool { isPythonAlphabetic || numericType != nil }
}

enum LineEnds {
  /// Every `\r\n` and `\r` as `\n`.
  static func normalized(_ scalars: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    var follows = false
    for scalar in scalars {
      if scalar == "\r" {
        result.append("\n")
      } else if scalar != "\n" || !follows {
        result.append(scalar)
      }
      follows = scalar == "\r"
    }
    return result
  }
}
