public import ByteStorage
public import SpeculativeDecoding

/// Decodes prompts both ways and compares.
public struct CaseRunner {
  private let decoder: PairDecoder
  private let cancellation: Cancellation
  /// Told of the tokens that each pass generated, plain or speculative.
  private let onTokens: (DecodingWork, Int) -> Void

  public init(
    _ decoder: PairDecoder, cancellation: Cancellation = Cancellation(), onTokens: @escaping (DecodingWork, Int) -> Void = { _, _ in }
  ) {
    self.decoder = decoder
    self.cancellation = cancellation
    self.onTokens = onTokens
  }

  /// - Throws: `usage` for prompts outside the vocabulary, `interrupted`, and what the sources throw.
  public func run(name: String, prompt: [Int], settings: DecodeSettings) throws -> CaseResult {
    try decoder.prepare(prompt: prompt, cancellation: cancellation)
    let promptSeconds = decoder.promptSeconds
    let top = decoder.promptTop(10).map { DecodeTrace.ScoredToken(token: $0.token, score: Double($0.logit)) }
    let plain = try decoder.decodePlainly(settings, cancellation: cancellation) { _ in onTokens(.plain, 1) }
    var speculative = SpeculativeRun(ids: [], cycles: [], seconds: 0)
    var divergence: CaseResult.Divergence?
    if decoder.canSpeculate {
      speculative = try decoder.decodeSpeculatively(settings, cancellation: cancellation) { onTokens(.speculative, $0.accepted.count) }
      divergence = try self.divergence(prompt: prompt, plain.ids, speculative.ids)
    }
    return CaseResult(
      name: name, promptIDs: prompt, vanillaIDs: plain.ids, speculativeIDs: speculative.ids, firstDivergence: divergence,
      cycles: speculative.cycles, secondsVanilla: plain.seconds, secondsSpeculative: speculative.seconds,
      minimumMargin: plain.minimumMargin, targetTop: top,
      phases: PhaseSeconds(prompt: promptSeconds, plain: plain, speculative))
  }

  /// The first place where two generations differ, with the logit margin of a target pass over the text before it.
  private func divergence(prompt: [Int], _ plain: [Int], _ speculative: [Int]) throws -> CaseResult.Divergence? {
    guard plain != speculative else { return nil }
    let position = zip(plain, speculative).prefix { $0 == $1 }.count
    let (mine, other) = (plain.dropFirst(position).first, speculative.dropFirst(position).first)
    var margin: Double?
    if let mine, let other {
      try decoder.prepare(prompt: prompt + plain.prefix(position), cancellation: cancellation)
      margin = Double(decoder.promptLogits[mine]) - Double(decoder.promptLogits[other])
    }
    return CaseResult.Divergence(position: position, vanilla: mine, speculative: other, margin: margin)
  }
}
