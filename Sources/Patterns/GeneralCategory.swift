/// Unicode's general categories as bits, so that a property is a mask.
enum GeneralCategory {
  /// The abbreviations by their bits' numbers.
  static let names = [
    "lu", "ll", "lt", "lm", "lo", "mn", "mc", "me", "nd", "nl", "no", "pc", "pd", "ps", "pe", "pi", "pf", "po", "sm", "sc", "sk",
    "so", "zs", "zl", "zp", "cc", "cf", "cs", "co", "cn",
  ]

  /// The bits of the categories whose abbreviations begin so.
  static func mask(_ prefixes: String...) -> UInt32 {
    var mask: UInt32 = 0
    for (bit, name) in names.enumerated() where prefixes.contains(where: { name.hasPrefix($0) }) { mask |= 1 << UInt32(bit) }
    return mask
  }

  /// Scalars below this are looked up, all others asked for their properties.
  private static let tabled = 0x3100
  private static let table: [UInt8] = (0..<UInt32(tabled)).map { UInt8(number(of: $0)) }
  private static let otherLetter = mask("lo")

  static func bit(of scalar: UInt32) -> UInt32 {
    if scalar < tabled { return 1 << UInt32(table[Int(scalar)]) }
    // Ideographs and Hangul syllables, the bulk of what is beyond the table.
    if (0x4E00...0x9FFF).contains(scalar) || (0xAC00...0xD7A3).contains(scalar) { return otherLetter }
    return 1 << UInt32(number(of: scalar))
  }

  private static func number(of value: UInt32) -> Int {
    guard let scalar = Unicode.Scalar(value) else { return 27 }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter: 0
    case .lowercaseLetter: 1
    case .titlecaseLetter: 2
    case .modifierLetter: 3
    case .otherLetter: 4
    case .nonspacingMark: 5
    case .spacingMark: 6
    case .enclosingMark: 7
    case .decimalNumber: 8
    case .letterNumber: 9
    case .otherNumber: 10
    case .connectorPunctuation: 11
    case .dashPunctuation: 12
    case .openPunctuation: 13
    case .closePunctuation: 14
    case .initialPunctuation: 15
    case .finalPunctuation: 16
    case .otherPunctuation: 17
    case .mathSymbol: 18
    case .currencySymbol: 19
    case .modifierSymbol: 20
    case .otherSymbol: 21
    case .spaceSeparator: 22
    case .lineSeparator: 23
    case .paragraphSeparator: 24
    case .control: 25
    case .format: 26
    case .surrogate: 27
    case .privateUse: 28
    case .unassigned: 29
    @unknown default: 29
    }
  }
}
