/// What the published word patterns ask of a character: the Unicode properties behind `\p{L}`, `\p{N}`, `\s` and their like.
struct CharacterClass: OptionSet, Sendable {
  let rawValue: UInt8

  init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `\p{L}`
  static let letter = CharacterClass(rawValue: 1)
  /// `\p{N}`
  static let number = CharacterClass(rawValue: 2)
  /// `\s`
  static let space = CharacterClass(rawValue: 4)
  /// `\r` and `\n`
  static let lineEnd = CharacterClass(rawValue: 8)
  /// `\p{M}`
  static let mark = CharacterClass(rawValue: 16)
  /// `\p{Lu}` and `\p{Lt}`
  static let upper = CharacterClass(rawValue: 32)
  /// `\p{Ll}`
  static let lower = CharacterClass(rawValue: 64)
  /// Pc and the joiners, which `\w` has beside letters, marks and decimal digits.
  static let connector = CharacterClass(rawValue: 128)

  /// Scalars below this are looked up, all others asked for their properties.
  private static let tabled = 0x3100
  private static let table: [CharacterClass] = (0..<UInt32(tabled)).map { Unicode.Scalar($0).map(computed) ?? [] }

  static func of(_ scalar: UInt32) -> CharacterClass {
    if scalar < tabled { return table[Int(scalar)] }
    // Ideographs and Hangul syllables, the bulk of what is beyond the table.
    if (0x4E00...0x9FFF).contains(scalar) || (0xAC00...0xD7A3).contains(scalar) { return .letter }
    return Unicode.Scalar(scalar).map(computed) ?? []
  }

  private static func computed(_ scalar: Unicode.Scalar) -> CharacterClass {
    var result: CharacterClass =
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .titlecaseLetter: [.letter, .upper]
      case .lowercaseLetter: [.letter, .lower]
      case .modifierLetter, .otherLetter: .letter
      case .decimalNumber, .letterNumber, .otherNumber: .number
      case .nonspacingMark, .spacingMark, .enclosingMark: .mark
      case .connectorPunctuation: .connector
      default: []
      }
    if scalar.properties.isWhitespace { result.insert(.space) }
    if scalar == "\r" || scalar == "\n" { result.insert(.lineEnd) }
    if scalar.properties.isJoinControl { result.insert(.connector) }
    return result
  }

  /// `\w` as Rust's regular expressions have it.
  static func isWord(_ scalar: UInt32) -> Bool {
    guard let scalar = Unicode.Scalar(scalar) else { return false }
    let properties = scalar.properties
    return properties.isAlphabetic || properties.generalCategory == .decimalNumber
      || !computed(scalar).isDisjoint(with: [.mark, .connector])
  }
}
