internal import ByteStorage
public import Statistics

/// How far a packed pair is from another one on the same prompts and text.
public struct Fidelity: Sendable {
  /// Positions at which the two targets' distributions were compared.
  public var positions = 0
  /// Kullback-Leibler divergence of the packed target's distribution from the other's, in nats: `sum p_other log(p_other / p_packed)`.
  public var klMean = 0.0
  public var klP99 = 0.0
  public var klMaximum = 0.0
  /// The share of positions at which both choose the same token.
  public var top1Agreement = 1.0
  /// The same by position in the text.
  public var byPosition: [PositionRange] = []
  /// Mean of `sum min(p_packed, p_other)`: the share of one distribution's draws that the other could accept.
  public var overlap = 1.0
  /// Of the text, by each target; nil without text.
  public var perplexity: Double?
  public var perplexitySource: Double?
  /// Tokens per cycle over the prompts; nil without drafts.
  public var acceptanceLength: Double?
  public var acceptanceLengthSource: Double?
  public var acceptanceByPositionSource: [Double] = []
  /// Tokens per cycle of each prompt, in the order of the cases; nil where one had no cycles.
  public var acceptanceByCaseSource: [Double?] = []
  public var misalignedTokenRateSource: [Double] = []
  /// What is judged, by the contract's names: `perplexity` and `acceptance_length` as ratios of the packed pair's to the source's,
  /// `misaligned_token_rate` as the packed pair's of the first pass less the source's.
  public var intervals: [String: Interval] = [:]
  /// Each of them against its limit.
  public var judgements: [Judgement] = []
  /// The worst of them.
  public var verdict: Judgement.Verdict { judgements.map(\.verdict).max() ?? .holds }
  /// Whether every cycle of every prompt drafted the same tree, scores included, and accepted the same of it.
  public var drawsTheSameTrees: Bool?

  public init() {}

  var document: JSONValue {
    .object([
      "positions": .integer(positions), "kl_mean": .number(klMean), "kl_p99": .number(klP99), "kl_max": .number(klMaximum),
      "top1_agreement": .number(top1Agreement), "overlap": .number(overlap), "perplexity": .optional(perplexity),
      "perplexity_source": .optional(perplexitySource), "acceptance_length": .optional(acceptanceLength),
      "acceptance_length_source": .optional(acceptanceLengthSource),
      "acceptance_by_position_source": .array(acceptanceByPositionSource.map { .number($0) }),
      "misaligned_token_rate_source": misalignedTokenRateSource.isEmpty
        ? .null : .array(misalignedTokenRateSource.map { .number($0) }),
      "acceptance_by_case_source": .array(acceptanceByCaseSource.map { .optional($0) }),
      "kl_by_position": .array(byPosition.map(\.document)),
      "judgements": .array(judgements.map(\.document)),
      "intervals": .object(
        JSONObject(intervals.sorted { $0.key < $1.key }.map { JSONObject.Member(key: $0.key, value: $0.value.document) })),
      "verdict": .string(verdict.rawValue),
      "same_trees": drawsTheSameTrees.map { .bool($0) } ?? .null,
    ])
  }
}
