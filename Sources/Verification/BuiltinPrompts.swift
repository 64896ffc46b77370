internal import SpeculativeDecoding

/// Prompts for a verification that was given none: ids drawn from the vocabulary, the same every time.
public enum BuiltinPrompts {
  /// - Parameters:
  ///   - count: Prompts wanted.
  ///   - vocabularySize: Ids are below it.
  ///   - beginToken: Comes first where the model has one.
  public static func draw(count: Int, length: Int = 8, vocabularySize: Int, beginToken: Int?) -> [[Int]] {
    var generator = SplitMix64(seed: 0x6772_6966_6669_6E01)
    return (0..<count).map { _ in
      (beginToken.map { [$0] } ?? []) + (0..<length).map { _ in Int(generator.next() % UInt64(max(vocabularySize, 1))) }
    }
  }
}
