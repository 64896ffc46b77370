#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
public import ByteStorage
internal import LinearAlgebra
internal import Models

extension PairDecoder {
  /// Tokens of the prompt that the target goes through whole, so that the draft has something to go on from.
  private static let probedTokens = 4
  /// Seconds that this may take; where it would take more, a cycle is expected to add what drafts usually do.
  private static let probeSeconds = 3.0
  private static let usualTokensPerCycle = 3.5

  /// Times short passes: of the target through a layer in its middle and its head, of the draft as it is. They leave nothing behind.
  ///
  /// How many tokens a cycle adds follows from what the draft itself thinks of its tree: the sum of its nodes' probabilities, which
  /// for a draft that fits its target is about the number that is accepted.
  /// - Parameters:
  ///   - prompt: A prompt as it will be decoded.
  ///   - settings: How trees are drafted.
  ///   - known: What is known of another pair with as large a draft, whose draft is then not timed.
  /// - Throws: `usage` for a prompt that is empty or outside the vocabulary, `interrupted`, and what the sources throw.
  /// - Source: EAGLE-2 (arXiv 2406.16858), section 3.2: confidence is close to acceptance.
  public func passSeconds(
    prompt: [Int], settings: DecodeSettings, known: PassSeconds? = nil, cancellation: Cancellation = Cancellation()
  ) throws -> PassSeconds {
    var seconds = PassSeconds()
    forgetPrompt()
    defer { forgetPrompt() }
    let text = (0..<min(settings.totalTokens, 64)).map { prompt[$0 % prompt.count] }
    // The first passes bring the weights into memory.
    let cold = try layerSeconds(Array(text.prefix(1)), cancellation)
    _ = try headSeconds(1)
    let one = try layerSeconds(Array(text.prefix(1)), cancellation)
    seconds.plainToken = try one + headSeconds(1)
    let (layers, head) = (try layerSeconds(text, cancellation), try headSeconds(text.count))
    let count = Double(text.count)
    (seconds.textToken, seconds.headToken) = ((layers + head) / count, head / count)
    let start = Array(prompt.prefix(64))
    seconds.promptToken = try layerSeconds(start, isPrefill: true, cancellation) / Double(start.count)
    guard canSpeculate else { return seconds }

    if let known {
      (seconds.draftToken, seconds.drafting, seconds.tokensPerCycle) = (known.draftToken, known.drafting, known.tokensPerCycle)
    } else {
      let isProbed = max(cold, one * Double(PairDecoder.probedTokens)) < PairDecoder.probeSeconds
      try timeDraft(Array(prompt.prefix(isProbed ? PairDecoder.probedTokens : 1)), text, settings, into: &seconds, cancellation)
      if !isProbed { seconds.tokensPerCycle = PairDecoder.usualTokensPerCycle }
    }
    seconds.cycle = seconds.drafting + layers + head + seconds.draftToken * seconds.tokensPerCycle
    return seconds
  }

  /// Times the draft after the start of a prompt, and asks it how much of its tree will be accepted.
  private func timeDraft(
    _ start: [Int], _ text: [Int], _ settings: DecodeSettings, into seconds: inout PassSeconds, _ cancellation: Cancellation
  ) throws {
    guard let drafter else { preconditionFailure("there is no draft") }
    try prepare(prompt: start, cancellation: cancellation)
    // Features beyond the start are not there: rows repeat. The first feeding brings the draft's weights into memory.
    compute.copyRows((0..<text.count).map { $0 % start.count }, of: promptFeatures, into: &selected)
    for _ in 0..<2 {
      drafter.truncate(to: 0)
      let begin = ContinuousClock.now
      try drafter.extend(features: selected, tokens: text)
      seconds.draftToken = begin.secondsSince / Double(text.count)
    }
    try restart(drafter, root: firstToken, cancellation: cancellation)
    let begin = ContinuousClock.now
    let tree = try drafter.draft(root: firstToken, settings: settings).tree
    seconds.drafting = begin.secondsSince
    let expected = tree.scores.dropFirst().reduce(1.0) { $0 + exp(Double($1)) }
    seconds.tokensPerCycle = min(expected, Double(settings.depth + 2))
  }

  /// Seconds of a pass through all layers, as one of them tells.
  private func layerSeconds(_ tokens: [Int], isPrefill: Bool = false, _ cancellation: Cancellation) throws -> Double {
    try cancellation.check()
    let count = target.configuration.layerCount
    return try Double(count) * target.seconds(of: tokens, isPrefill: isPrefill, throughLayer: count / 2, features: &features)
  }

  private func headSeconds(_ tokens: Int) throws -> Double {
    features.resize(tokens: tokens)
    let start = ContinuousClock.now
    try target.logits(features, into: &logits)
    return start.secondsSince
  }
}
