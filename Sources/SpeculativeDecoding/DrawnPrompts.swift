/// Prompts of ids drawn from a vocabulary, the same every time: for models without text, and where any text is as good as another.
public enum DrawnPrompts {
  /// - Parameters:
  ///   - count: Prompts wanted.
  ///   - length: Ids of each, the begin token apart.
  ///   - vocabularySize: Ids are below it.
  ///   - beginToken: Comes first where the model has one.
  public static func draw(count: Int, length: Int = 8, vocabularySize: Int, beginToken: Int?) -> [[Int]] {
    var generator = SplitMix64(seed: 0x6772_6966_6669_6E01)
    return (0..<count).map { _ in
      (beginToken.map { [$0] } ?? []) + (0..<length).map { _ in Int(generator.next() % UInt64(max(vocabularySize, 1))) }
    }
  }
}
