/// The cases of a letter where an expression ignores case.
///
/// Oniguruma folds as Unicode does, so that one character may stand for several letters. Only the Latin alphabet is folded here,
/// and characters without case; others are refused.
enum PatternCase {
  /// What a character stands for, itself included; nil where that is not known here.
  static func all(of scalar: Unicode.Scalar) -> [UInt32]? {
    let value = scalar.value
    guard isLatin(value) else { return scalar.isASCII || !hasCase(scalar) ? [value] : nil }
    let cases = [value, value ^ 0x20]
    // The Kelvin sign, and the long s.
    return cases + (value | 0x20 == 0x6B ? [0x212A] : value | 0x20 == 0x73 ? [0x17F] : [])
  }

  static func isLatin(_ value: UInt32) -> Bool { (0x41...0x5A).contains(value) || (0x61...0x7A).contains(value) }

  static func hasCase(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isCased || scalar.properties.changesWhenCaseMapped || scalar.properties.changesWhenCaseFolded
  }

  /// Whether a range holds no letter with case but Latin ones.
  static func isPlain(_ range: ClosedRange<UInt32>) -> Bool {
    range.upperBound < 0x80 || range.lowerBound >= 0x2E80 && range.upperBound < 0xA640
      || range.lowerBound >= 0xAC00 && range.upperBound < 0xFB00
  }

  /// Whether one character, such as `ß` or `ﬁ`, may stand for two letters.
  static func pairsFold(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
    let pair = "\(first)\(second)".lowercased()
    return ["ss", "ff", "fi", "fl", "st"].contains(pair)
  }
}
