extension CodebookSearch {
  /// Each is made when a type is first encoded.
  static let iq2XXS = CodebookSearch(.iq2XXS, levelBits: 2, distances: 2)
  static let iq2XS = CodebookSearch(.iq2XS, levelBits: 2, distances: 2)
  static let iq2S = CodebookSearch(.iq2S, levelBits: 2, distances: 1)
  static let iq3XXS = CodebookSearch(.iq3XXS, levelBits: 3, distances: 2)
  static let iq3S = CodebookSearch(.iq3S, levelBits: 3, distances: 3)
  static let iq1 = CodebookSearch(.iq1, levelBits: 2, distances: 3)
}
