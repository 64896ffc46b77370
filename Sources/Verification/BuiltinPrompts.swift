/// Prompts for a verification that was given none: ids drawn from the vocabulary, the same every time.
public enum BuiltinPrompts {
  /// - Parameters:
  ///   - count: Prompts wanted.
  ///   - vocabularySize: Ids are below it.
  ///   - beginToken: Comes first where the model has one.
  public static func draw(count: Int, length: Int = 8, vocabularySize: Int, beginToken: Int?) -> [[Int]] {
    var generator = SplitMix64(state: 0x6772_6966_6669_6E01)
    return (0..<count).map { _ in
      (beginToken.map { [$0] } ?? []) + (0..<length).map { _ in Int(generator.next() % UInt64(max(vocabularySize, 1))) }
    }
  }
}

/// A small documented generator (Steele, Lea and Flood, 2014), so that draws are the same everywhere.
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
