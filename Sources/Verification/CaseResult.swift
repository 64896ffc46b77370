public import SpeculativeDecoding

/// One prompt decoded both ways, and how the two compare.
public struct CaseResult: Sendable {
  /// Where two outputs part.
  public struct Divergence: Sendable, Hashable {
    /// Index into the generated ids.
    public let position: Int
    /// The token of each output there; nil where it had ended.
    public let vanilla: Int?
    public let speculative: Int?
    /// The vanilla pass's logit of its token less that of the other.
    public let margin: Double?

    package init(position: Int, vanilla: Int?, speculative: Int?, margin: Double?) {
      (self.position, self.vanilla, self.speculative, self.margin) = (position, vanilla, speculative, margin)
    }
  }

  public let name: String
  public let promptIDs: [Int]
  public let vanillaIDs: [Int]
  /// Empty where the bundle has no draft.
  public let speculativeIDs: [Int]
  public let firstDivergence: Divergence?
  public let cycles: [CycleRecord]
  /// Cycles whose trees differ from a trace's by a near tie; nil where there was no trace.
  public var differingTrees: Int?
  /// What a trace says otherwise, in words.
  public var mismatches: [String] = []
  public let secondsVanilla: Double
  public let secondsSpeculative: Double
  /// Where the time went; nil where nothing was decoded.
  public let phases: PhaseSeconds?
  /// The smallest gap between the target's two best logits along the vanilla ids.
  public let minimumMargin: Double?

  /// The target's ten best tokens after the prompt, with their logits.
  public let targetTop: [DecodeTrace.ScoredToken]

  package init(
    name: String, promptIDs: [Int], vanillaIDs: [Int], speculativeIDs: [Int], firstDivergence: Divergence?,
    cycles: [CycleRecord], secondsVanilla: Double, secondsSpeculative: Double, minimumMargin: Double?,
    targetTop: [DecodeTrace.ScoredToken], phases: PhaseSeconds? = nil
  ) {
    (self.name, self.promptIDs, self.vanillaIDs) = (name, promptIDs, vanillaIDs)
    (self.speculativeIDs, self.firstDivergence, self.cycles) = (speculativeIDs, firstDivergence, cycles)
    (self.secondsVanilla, self.secondsSpeculative) = (secondsVanilla, secondsSpeculative)
    (self.minimumMargin, self.targetTop, self.phases) = (minimumMargin, targetTop, phases)
  }

  /// Whether greedy speculative decoding gave exactly what greedy decoding gives.
  public var isIdentical: Bool { firstDivergence == nil }
  /// Whether everything that was asked of this case holds.
  public var isOK: Bool { isIdentical && mismatches.isEmpty }
  /// Accepted draft tokens of each cycle.
  public var acceptLengths: [Int] { cycles.map(\.acceptedDraftTokens) }
  /// Tokens per cycle, the last cycle uncut; nil without cycles.
  public var acceptanceLength: Double? {
    cycles.isEmpty ? nil : DecodeTrace.acceptanceLength(of: cycles.map(\.accepted))
  }
}

/// What holds over all cases of a verification.
public struct VerificationSummary: Sendable {
  public let cases: Int
  public let identical: Int
  /// Accepted draft tokens plus one, over all cycles; nil without cycles.
  public let acceptanceLength: Double?
  /// The mean of the cases' own acceptance lengths, as some papers report it.
  public let acceptanceLengthCaseMean: Double?
  /// The share of cycles that accepted a draft token at depth 1, 2, …
  public let acceptanceByPosition: [Double]
  /// Vanilla seconds a token over speculative seconds a token.
  public let speedup: Double?

  public init(_ results: [CaseResult]) {
    cases = results.count
    identical = results.count { $0.isIdentical }
    let cycles = results.flatMap(\.cycles)
    acceptanceLength = cycles.isEmpty ? nil : DecodeTrace.acceptanceLength(of: cycles.map(\.accepted))
    let means = results.compactMap(\.acceptanceLength)
    acceptanceLengthCaseMean = means.isEmpty ? nil : means.reduce(0, +) / Double(means.count)
    let deepest = cycles.map { $0.tree.depths.max() ?? 0 }.max() ?? 0
    acceptanceByPosition = (0..<deepest).map { depth in
      Double(cycles.count { $0.acceptedDraftTokens > depth }) / Double(cycles.count)
    }
    let decoded = results.filter { !$0.cycles.isEmpty }
    let vanilla = decoded.reduce(0) { $0 + $1.secondsVanilla }
    let speculative = decoded.reduce(0) { $0 + $1.secondsSpeculative }
    let vanillaTokens = decoded.reduce(0) { $0 + $1.vanillaIDs.count }
    let speculativeTokens = decoded.reduce(0) { $0 + $1.cycles.reduce(0) { $0 + $1.accepted.count } }
    speedup =
      speculative > 0 && vanillaTokens > 0
      ? vanilla / Double(vanillaTokens) / (speculative / Double(speculativeTokens)) : nil
  }
}
