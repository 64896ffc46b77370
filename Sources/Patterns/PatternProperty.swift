/// The properties that an expression may name: `\p{Lu}`, `\p{Han}`, `[[:alpha:]]`, `\s`.
enum PatternProperty {
  static let digit = ScalarSet(.categories(GeneralCategory.mask("nd")))
  static let space = ScalarSet(.union([.categories(GeneralCategory.mask("z")), .ranges([0x09...0x0D, 0x85...0x85])]))
  static let word = ScalarSet(.union([.alphabetic, .categories(GeneralCategory.mask("m", "nd", "pc"))]))
  /// The same where no class is around it: Oniguruma has six more characters of Latin-1 then, powers and fractions.
  static let bareWord = ScalarSet(.union([word.content, .ranges([0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE])]))
  static let notBareWord = ScalarSet(.not(bareWord.content))
  static let hexDigit = ScalarSet(.ranges([0x30...0x39, 0x41...0x46, 0x61...0x66]))

  /// The set that `\p{NAME}` is, whose case, spaces, `-` and `_` do not matter; nil for a name that is not known.
  static func named(_ name: String) -> ScalarSet? {
    var key = name.lowercased().filter { !" -_".contains($0) }
    if let long = longNames[key] { key = long }
    if let bit = GeneralCategory.names.firstIndex(of: key) { return ScalarSet(.categories(1 << UInt32(bit))) }
    if key.count == 1, "clmnpsz".contains(key) { return ScalarSet(.categories(GeneralCategory.mask(key))) }
    if key == "word" { return bareWord }
    return bracket(key) ?? ScriptRanges.all[key].map { ScalarSet(.ranges($0)) }
  }

  /// The set that `[:NAME:]` is.
  static func bracket(_ name: String) -> ScalarSet? {
    switch name {
    case "alnum": ScalarSet(.union([.alphabetic, digit.content]))
    case "alpha": ScalarSet(.alphabetic)
    case "ascii": ScalarSet(.ranges([0...0x7F]))
    case "blank": ScalarSet(.union([.categories(GeneralCategory.mask("zs")), .ranges([9...9])]))
    case "cntrl": ScalarSet(.categories(GeneralCategory.mask("cc")))
    case "digit": digit
    case "punct": ScalarSet(.categories(GeneralCategory.mask("p", "s")))
    case "space": space
    case "word": word
    case "xdigit": hexDigit
    default: nil
    }
  }

  private static let longNames = [
    "letter": "l", "uppercaseletter": "lu", "lowercaseletter": "ll", "titlecaseletter": "lt", "modifierletter": "lm",
    "otherletter": "lo", "mark": "m", "nonspacingmark": "mn", "spacingmark": "mc", "enclosingmark": "me", "number": "n",
    "decimalnumber": "nd", "letternumber": "nl", "othernumber": "no", "punctuation": "p", "punct": "p", "connectorpunctuation": "pc",
    "dashpunctuation": "pd", "openpunctuation": "ps", "closepunctuation": "pe", "initialpunctuation": "pi",
    "finalpunctuation": "pf", "otherpunctuation": "po", "symbol": "s", "mathsymbol": "sm", "currencysymbol": "sc",
    "modifiersymbol": "sk", "othersymbol": "so", "separator": "z", "spaceseparator": "zs", "lineseparator": "zl",
    "paragraphseparator": "zp", "other": "c", "control": "cc", "format": "cf", "privateuse": "co", "unassigned": "cn",
    "whitespace": "space", "alphabetic": "alpha",
  ]
}
