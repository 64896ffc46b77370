public import Models
internal import SpeculativeDecoding

/// Prompts for a verification that was given none: ids drawn from the vocabulary, the same every time.
public enum BuiltinPrompts {
  /// All of them: as text, or where there is no tokenizer as ids, of which any are as good as others.
  public static func all(_ speech: Speech, _ configuration: TransformerConfiguration) -> [VerificationRequest.Prompt] {
    let texts = texts
    guard !speech.canEncode else { return texts }
    return draw(
      count: texts.count, vocabularySize: configuration.vocabularySize,
      beginToken: configuration.beginTokens.first { (0..<configuration.vocabularySize).contains($0) }
    ).enumerated().map { VerificationRequest.Prompt(name: "built-in \($0 + 1)", ids: $1) }
  }

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
