public import ByteStorage
public import SpeculativeDecoding
public import Tokenization

/// What a verification found.
public struct VerificationReport: Sendable {
  /// One thing that was checked.
  public struct Check: Sendable {
    public let name: String
    public let isOK: Bool
    public let detail: String

    public init(_ name: String, isOK: Bool, _ detail: String) {
      self.name = name
      self.isOK = isOK
      self.detail = detail
    }
  }

  /// The bundle's digest, in hexadecimal.
  public var digest: String
  public var checks: [Check] = []
  public var cases: [CaseResult] = []
  /// How prompts were decoded, the model's stop tokens filled in.
  public var settings = DecodeSettings()
  public var warnings: [String] = []
  /// How prompts as text were written; nil where there were none.
  public var promptFormat: PromptFormat?
  /// How often the draft misses the target's choice, pass by pass, over the text; nil without a draft.
  public var misalignment: MisalignmentCounts?
  /// How far the bundle is from what it was held against.
  public var fidelity: Fidelity?
  public var sampling: SamplingResult?
  /// How far converted tensors are from the source's; nil where there was none to compare with.
  public var tensorErrors: [StorageError]?
  /// Turns ids into text; nil where there is none that can be used.
  public var tokenizer: Tokenizer?
  /// Why acceptance is low or the comparison fails, the most likely cause first; empty where nothing is wrong, or nothing was found.
  public var diagnosis: [Finding] = []

  /// What a share of a verification saw; nil where all was verified.
  public var record: ShareRecord?

  public init(digest: String) { self.digest = digest }

  /// Whether everything that was asked holds.
  public var isOK: Bool { checks.allSatisfy(\.isOK) && cases.allSatisfy(\.isOK) }
  public var summary: VerificationSummary { VerificationSummary(cases) }
}

extension VerificationReport {
  /// The report as the contract's JSON document.
  public var document: JSONValue {
    .object([
      "ok": .bool(isOK),
      "digest": .string(digest),
      "checks": .array(checks.map(\.document)),
      "cases": .array(cases.map { $0.document(tokenizer) }),
      "summary": cases.isEmpty ? .null : summary.document(misalignment),
      "fidelity": fidelity?.document ?? .null,
      "sampling": sampling?.document ?? .null,
      "diagnosis": .array(diagnosis.map(\.document)),
      "drafted_tree": draftedTree,
      "tensor_errors": tensorErrors.map { .array($0.map(\.document)) } ?? .null,
      "prompt_format": promptFormat?.document ?? .null,
      "warnings": .array(warnings.map { .string($0) }),
    ])
  }
}

extension VerificationReport.Check {
  fileprivate var document: JSONValue {
    .object(["name": .string(name), "ok": .bool(isOK), "detail": .string(detail)])
  }
}

extension CaseResult {
  fileprivate func document(_ tokenizer: Tokenizer?) -> JSONValue {
    let pieces: [String]? = tokenizer.map { self.pieces($0) }
    let texts: JSONValue = pieces.map { .array($0.map { .string($0) }) } ?? .null
    return .object([
      "name": .string(name),
      "prompt_ids": .integers(promptIDs),
      "vanilla_ids": .integers(vanillaIDs),
      "speculative_ids": .integers(speculativeIDs),
      "identical": .bool(isIdentical),
      "first_divergence": firstDivergence?.document ?? .null,
      "cycles": .integer(cycles.count),
      "acceptance_length": .optional(acceptanceLength),
      "accept_lengths": .integers(acceptLengths),
      "differing_trees": differingTrees.map { .integer($0) } ?? .null,
      "mismatches": .array(mismatches.map { .string($0) }),
      "seconds_vanilla": .number(secondsVanilla),
      "seconds_speculative": .number(secondsSpeculative),
      "phase_seconds": phases?.document ?? .null,
      "text": pieces.map { .string($0.joined()) } ?? .null,
      "pieces": texts,
    ])
  }
}

extension CaseResult.Divergence {
  var document: JSONValue {
    .object([
      "position": .integer(position),
      "vanilla": vanilla.map { .integer($0) } ?? .null,
      "speculative": speculative.map { .integer($0) } ?? .null,
      "margin": .optional(margin),
    ])
  }
}

extension VerificationSummary {
  fileprivate func document(_ misalignment: MisalignmentCounts?) -> JSONValue {
    .object([
      "cases": .integer(cases),
      "identical": .integer(identical),
      "acceptance_length": .optional(acceptanceLength),
      "acceptance_length_case_mean": .optional(acceptanceLengthCaseMean),
      "acceptance_by_position": .array(acceptanceByPosition.map { .number($0) }),
      "misaligned_token_rate": misalignment.map { .array($0.rates.map { .number($0) }) } ?? .null,
      "speedup": .optional(speedup),
    ])
  }
}
