public import Models
internal import SpeculativeDecoding

/// Prompts for a verification that was given none.
public enum BuiltinPrompts {
  /// All of them: as text, or where there is no tokenizer as ids, of which any are as good as others.
  public static func all(_ processing: TextProcessing, _ configuration: TransformerConfiguration) -> [VerificationRequest.Prompt] {
    let texts = texts
    guard !processing.canEncode else { return texts }
    return DrawnPrompts.draw(
      count: texts.count, vocabularySize: configuration.vocabularySize,
      beginToken: configuration.beginTokens.first { (0..<configuration.vocabularySize).contains($0) }
    ).enumerated().map { VerificationRequest.Prompt(name: "built-in \($0 + 1)", ids: $1) }
  }

  /// Starts of text of several genres, to be gone on from as they are; none where there is no tokenizer.
  public static func openings(_ processing: TextProcessing, _ configuration: TransformerConfiguration) -> [[Int]] {
    let begin = configuration.beginTokens.prefix(1).filter((0..<configuration.vocabularySize).contains)
    return BuiltinTexts.encoded(processing, configuration).flatMap { text in
      stride(from: 0, to: text.count, by: openingTokens).map { begin + text[$0..<min($0 + openingTokens, text.count)] }
    }
  }
  private static let openingTokens = 32
}
