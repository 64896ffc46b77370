public import ByteStorage
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding
internal import Tokenization
public import Verification

/// The text that losses are measured on.
public enum SampleText {
  /// New tokens of each prompt where a model has no tokenizer and writes its sample itself.
  private static let answerTokens = 48
  private static let promptCount = 16

  /// - Parameters:
  ///   - given: Texts of the user; empty for the built-in ones.
  ///   - tokens: As many as the sample is to have; less where there is less text.
  /// - Throws: `usage` where the model has no tokenizer for the user's text, or where nothing is left; what decoding throws.
  public static func ids(
    _ source: AllocationSource, given: [String], processing: TextProcessing, tokens: Int, threads: Int, cancellation: Cancellation
  ) throws -> [[Int]] {
    let configuration = source.target.configuration
    var texts = try given.map { try processing.encoder().tokenizer.encode($0) }
    if given.isEmpty {
      texts = BuiltinTexts.encoded(processing, configuration)
      if texts.isEmpty { texts = try answers(source, threads: threads, cancellation: cancellation) }
    }
    let outside = texts.joined().first { !(0..<configuration.vocabularySize).contains($0) }
    if let outside { throw GriffinError(.inconsistent, "the tokenizer gives id \(outside), beyond the vocabulary of \(configuration.vocabularySize)") }
    let sample = AllocationRequest.sample(texts, tokens: tokens)
    guard !sample.isEmpty else { throw GriffinError(.usage, "the text has too few tokens to measure anything on", hints: ["give more with --text FILE"]) }
    return sample
  }

  /// What the target itself says after ids that mean nothing: nearer to text than those.
  private static func answers(_ source: AllocationSource, threads: Int, cancellation: Cancellation) throws -> [[Int]] {
    let configuration = source.target.configuration
    let decoder = try PairDecoder(target: source.target, draft: nil, compute: Compute(threads: threads))
    let prompts = DrawnPrompts.draw(
      count: promptCount, vocabularySize: configuration.vocabularySize,
      beginToken: configuration.beginTokens.first { (0..<configuration.vocabularySize).contains($0) })
    return try prompts.map { prompt in
      try decoder.prepare(prompt: prompt, cancellation: cancellation)
      return prompt + (try decoder.decodePlainly(DecodeSettings(maxNewTokens: answerTokens), cancellation: cancellation).ids)
    }
  }
}
