internal import ByteStorage

/// Why a pair accepts less than it should, or is not its source: one cause, with what was measured.
public struct Finding: Sendable, Hashable {
  /// A word for programs, such as `taps` or `fc_halves_swapped` (`formats/verification.md`, section 6).
  public let kind: String
  /// What is wrong, in a sentence.
  public let cause: String
  /// What was measured, in a sentence.
  public let evidence: String
  /// What to do about it.
  public let remedy: String
  /// Tokens a cycle as the pair is, over the prompts of the diagnosis; nil without a draft.
  public internal(set) var acceptanceLength: Double?
  /// The same with the cause taken away; nil where nothing could be put in its place.
  public internal(set) var acceptanceLengthRepaired: Double?

  public init(
    kind: String, cause: String, evidence: String, remedy: String, acceptanceLength: Double? = nil, acceptanceLengthRepaired: Double? = nil
  ) {
    (self.kind, self.cause, self.evidence, self.remedy) = (kind, cause, evidence, remedy)
    (self.acceptanceLength, self.acceptanceLengthRepaired) = (acceptanceLength, acceptanceLengthRepaired)
  }

  var document: JSONValue {
    .object([
      "kind": .string(kind), "cause": .string(cause), "evidence": .string(evidence), "remedy": .string(remedy),
      "acceptance_length": .optional(acceptanceLength), "acceptance_length_repaired": .optional(acceptanceLengthRepaired),
    ])
  }
}
