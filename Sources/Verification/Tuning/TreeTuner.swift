public import ByteStorage
public import SpeculativeDecoding

/// Finds the draft tree with which a pair decodes fastest on this machine.
///
/// Costs of passes are measured by the tokens that go through them, and acceptance on prompts, once, with the widest trees. From
/// both follows what any smaller tree is expected to give; the best is then measured.
public struct TreeTuner {
  private let decoder: PairDecoder
  /// How long generations are and where they end.
  private let settings: DecodeSettings
  private let cancellation: Cancellation
  /// Told of generated tokens.
  private let onTokens: (Int) -> Void
  private var sample = AcceptanceSample()
  private var prompts: [[Int]] = []
  private var plain: (tokens: Int, seconds: Double) = (0, 0)

  /// Measured generations of each prompt, plain and speculative.
  public static let rounds = 3
  private static let targetPasses = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64]
  private static let draftPasses = [1, 2, 3, 4, 6, 8, 10]
  private static let extensions = [1, 2, 4, 8]
  private static let repetitions = 5
  /// Draft passes from which the cost of one is taken.
  private static let timedDepth = 3

  /// - Precondition: The decoder can speculate.
  public init(
    _ decoder: PairDecoder, settings: DecodeSettings, cancellation: Cancellation = Cancellation(),
    onTokens: @escaping (Int) -> Void = { _ in }
  ) {
    precondition(decoder.canSpeculate, "a tree is drafted by a draft")
    (self.decoder, self.settings, self.cancellation, self.onTokens) = (decoder, settings, cancellation, onTokens)
  }

  /// Takes a prompt up.
  /// - Returns: The target's answer.
  /// - Throws: `usage` for prompts outside the vocabulary, `interrupted`, and what the sources throw.
  public mutating func observe(_ prompt: [Int]) throws -> [Int] {
    try decoder.prepare(prompt: prompt, cancellation: cancellation)
    let run = try decoder.decodePlainly(settings, cancellation: cancellation) { _ in onTokens(1) }
    plain = (plain.tokens + run.ids.count - 1, plain.seconds + run.seconds)
    var widest = settings
    widest.tree = AcceptanceSample.widest
    sample.add(try decoder.decodeSpeculatively(widest, cancellation: cancellation) { onTokens($0.accepted.count) }.cycles)
    prompts.append(prompt)
    return run.ids
  }

  /// Chooses a tree and measures it.
  /// - Throws: `usage` where too little was generated to choose by, `interrupted`, and what the sources throw.
  public func result() throws -> TuningResult {
    guard sample.count > 0, plain.tokens > 0, let first = prompts.first else {
      throw GriffinError(
        .usage, "too few tokens were generated to choose a tree by",
        hints: ["give more or other prompts, or a larger --max-new-tokens than \(AcceptanceSample.widest.depth + 1)"])
    }
    let costs = try costs(after: first)
    let ranked = TreeChoice.ranked(sample, costs)
    let best = ranked[0]
    return TuningResult(
      costs: costs, best: Array(ranked.prefix(5)), places: sample.count, prompts: prompts.count,
      measuredSpeedups: try (0..<TreeTuner.rounds).map { _ in try speedup(of: best.shape) })
  }

  /// Times single passes, each kind in turn, so that a disturbance meets all alike.
  private func costs(after prompt: [Int]) throws -> DecodingCosts {
    try decoder.prepare(prompt: prompt, cancellation: cancellation)
    let tree = try decoder.costTree(cancellation: cancellation)
    func draftSeconds(depth: Int, topK: Int) throws -> Double {
      var settings = settings
      settings.tree = TreeShape(totalTokens: PairDecoder.costliestTree, depth: depth, topK: topK)
      return try decoder.draftSeconds(settings)
    }
    var (target, passes, fed): ([Int: [Double]], [Int: [Double]], [Int: [Double]]) = ([:], [:], [:])
    var starts: [Double] = []
    for _ in 0..<TreeTuner.repetitions {
      for count in TreeTuner.targetPasses where count <= tree.nodeCount {
        try cancellation.check()
        target[count, default: []].append(try decoder.targetSeconds(nodes: count, of: tree))
      }
      let start = try draftSeconds(depth: 0, topK: AcceptanceSample.widest.topK)
      starts.append(start)
      for count in TreeTuner.draftPasses {
        try cancellation.check()
        let seconds = try draftSeconds(depth: TreeTuner.timedDepth, topK: count) - start
        passes[count, default: []].append(seconds / Double(TreeTuner.timedDepth))
      }
      for count in TreeTuner.extensions { fed[count, default: []].append(try decoder.extensionSeconds(tokens: count)) }
    }
    var costs = DecodingCosts()
    costs.plainToken = plain.seconds / Double(plain.tokens)
    costs.target = CostCurve(target)
    costs.draftStart = CostCurve.median(starts)
    costs.draftPass = CostCurve(passes)
    costs.draftExtension = CostCurve(fed)
    return costs
  }

  /// How many times as fast as plain decoding a tree is after the prompt, over all prompts in one round.
  private func speedup(of shape: TreeShape) throws -> Double {
    var settings = settings
    settings.tree = shape
    var (plain, speculative) = ((tokens: 0, seconds: 0.0), (tokens: 0, seconds: 0.0))
    for prompt in prompts {
      try decoder.prepare(prompt: prompt, cancellation: cancellation)
      let run = try decoder.decodePlainly(settings, cancellation: cancellation) { _ in onTokens(1) }
      plain = (plain.tokens + run.ids.count - 1, plain.seconds + run.seconds)
      for cycle in try decoder.decodeSpeculatively(settings, cancellation: cancellation, onCycle: { onTokens($0.accepted.count) }).cycles {
        speculative = (speculative.tokens + cycle.accepted.count, speculative.seconds + cycle.draftSeconds + cycle.targetSeconds)
      }
    }
    return plain.seconds / Double(plain.tokens) / (speculative.seconds / Double(speculative.tokens))
  }
}
