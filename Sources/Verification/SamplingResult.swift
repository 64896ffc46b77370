internal import ByteStorage

/// Whether what speculative sampling emits is distributed as the target alone would draw it.
public struct SamplingResult: Sendable, Hashable {
  /// Walks over drafted trees.
  public let draws: Int
  /// Tokens that were counted: one after each node that a walk visited.
  public let tokens: Int
  /// The probability of counts that differ from the target's distribution as much; nil for large vocabularies.
  public let pValue: Double?
  /// Total variation between counts and distributions, the mean over nodes weighted by their visits.
  public let totalVariation: Double
  /// What the total variation exceeds with probability `significance` at most, if the distributions are equal.
  public let totalVariationBound: Double
  /// Tokens a cycle of the prompts decoded with these settings, by the packed pair and by the source's; nil without cycles, or without a source.
  public var acceptanceLength: Double?
  public var acceptanceLengthSource: Double?

  /// A right rule is called wrong once in so many runs.
  public static let significance = 1e-5
  /// Vocabularies up to here are tested by chi-square; beyond, too few tokens are drawn often enough.
  public static let smallVocabulary = 4096

  public var isOK: Bool {
    totalVariation <= totalVariationBound && pValue.map { $0 >= SamplingResult.significance } ?? true
  }

  var document: JSONValue {
    .object([
      "draws": .integer(draws), "tokens": .integer(tokens), "p_value": .optional(pValue),
      "total_variation": .number(totalVariation), "total_variation_bound": .number(totalVariationBound),
      "acceptance_length": .optional(acceptanceLength), "acceptance_length_source": .optional(acceptanceLengthSource),
    ])
  }
}
