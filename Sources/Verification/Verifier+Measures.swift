internal import Bundles
internal import ByteStorage
internal import Conversion
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding
internal import Tensors

/// What is measured beside the comparison of speculative with plain decoding.
extension Verifier {
  /// The packed pair.
  struct Side {
    let target: TargetModel
    let draft: DraftModel?
  }

  /// Longer texts are cut into pieces of this many tokens, each a text of its own.
  private static let windowTokens = 512

  private static func windows(_ texts: [[Int]]) -> [[Int]] {
    texts.flatMap { text in
      stride(from: 0, to: text.count, by: windowTokens).map { Array(text[$0..<min($0 + windowTokens, text.count)]) }
    }.filter { $0.count > 1 }
  }

  func misalignment(_ decoder: PairDecoder, _ texts: [[Int]], onTokens: (Int) -> Void) throws -> MisalignmentCounts {
    var counts = MisalignmentCounts()
    for text in Verifier.windows(texts) {
      counts = try counts + decoder.misalignments(text, cancellation: cancellation)
      onTokens(text.count)
    }
    return counts
  }

  /// Tests the distribution of speculative sampling, the draws shared among the prompts.
  func test(
    _ sampling: SamplingSettings, draws: Int, _ decoder: PairDecoder, _ prompts: [[Int]],
    _ settings: DecodeSettings, into report: inout VerificationReport
  ) throws {
    guard decoder.canSpeculate else {
      throw GriffinError(.usage, file: bundle.file.path, "the bundle holds a target alone; sampling is tested with its draft")
    }
    var test = SamplingTest(sampling)
    for (index, prompt) in prompts.enumerated() {
      try decoder.prepare(prompt: prompt, cancellation: cancellation)
      let (tree, logits) = try decoder.firstTree(settings, cancellation: cancellation)
      let share = draws * (index + 1) / prompts.count - draws * index / prompts.count
      try test.draw(tree, logits: logits, count: share, cancellation: cancellation)
    }
    let result = test.result()
    var detail = "\(result.tokens) tokens of \(result.draws) draws, total variation \(rounded(result.totalVariation)) (bound \(rounded(result.totalVariationBound)))"
    if let pValue = result.pValue { detail += ", chi-square p = \(rounded(pValue))" }
    report.sampling = result
    report.checks.append(VerificationReport.Check("sampling follows the target", isOK: result.isOK, detail))
  }

  /// Holds the packed pair against another on the same prompts and text.
  func compare(
    _ packed: Side, with other: ModelSource.Pair, _ request: VerificationRequest, texts: [[Int]], results: [CaseResult],
    _ compute: Compute, onTokens: @escaping (Int) -> Void, into report: inout VerificationReport
  ) throws {
    try requireSameSizes(packed.target.configuration, other.target.configuration)
    report.warnings += other.warnings
    if packed.draft != nil, other.draft == nil {
      report.warnings.append(
        "no draft was given to compare with (--against-draft): acceptance is that of the packed draft with either target")
    }
    let otherDraft = other.draft ?? packed.draft
    var meter = FidelityMeter(
      packed: try TargetDecoder(packed.target, compute: compute), other: try TargetDecoder(other.target, compute: compute),
      cancellation: cancellation, onTokens: onTokens)
    for text in Verifier.windows(texts) { try meter.add(text) }
    var fidelity = meter.fidelity()

    if packed.draft != nil, let otherDraft {
      let decoder = try PairDecoder(target: other.target, draft: otherDraft, compute: compute)
      let runner = CaseRunner(decoder, cancellation: cancellation, onTokens: onTokens)
      let others = try results.map { try runner.run(name: $0.name, prompt: $0.promptIDs, settings: report.settings) }
      let (mine, theirs) = (VerificationSummary(results), VerificationSummary(others))
      fidelity.acceptanceLength = mine.acceptanceLength
      fidelity.acceptanceLengthSource = theirs.acceptanceLength
      fidelity.acceptanceByPositionSource = theirs.acceptanceByPosition
      fidelity.misalignedTokenRateSource = try misalignment(decoder, texts, onTokens: onTokens).rates
      fidelity.drawsTheSameTrees = zip(results, others).allSatisfy { mine, theirs in
        mine.cycles.map(\.tree) == theirs.cycles.map(\.tree) && mine.cycles.map(\.accepted) == theirs.cycles.map(\.accepted)
      }
    }
    report.fidelity = fidelity

    var converted = convertedTypes(packed.target.tensors, other.target.tensors)
    if let draft = packed.draft, let otherDraft { converted.formUnion(convertedTypes(draft.tensors, otherDraft.tensors)) }
    var tolerances = FidelityTolerances(converted: converted)
    for text in request.tolerances { try tolerances.set(parsing: text) }
    let violations = tolerances.violations(fidelity, misalignedTokenRate: report.misalignment?.rates ?? [])
    let basis =
      converted.isEmpty ? "no tensor was converted, so the same bits are expected"
      : "tolerances for \(converted.map(\.rawValue).sorted().joined(separator: ", "))"
    let measured = "mean KL \(rounded(fidelity.klMean)) over \(fidelity.positions) positions, top-1 agreement \(rounded(100 * fidelity.top1Agreement)) %"
    report.checks.append(
      VerificationReport.Check(
        "fidelity to the source", isOK: violations.isEmpty,
        violations.isEmpty ? "\(measured); \(basis)" : "\(violations.joined(separator: "; ")) (\(basis))"))
  }

  /// A stated minimum is a check; without one, low acceptance is only said.
  func judgeAcceptance(_ request: VerificationRequest, _ report: inout VerificationReport) {
    guard let length = report.summary.acceptanceLength else { return }
    if let minimum = request.minimumAcceptance {
      report.checks.append(
        VerificationReport.Check(
          "acceptance length", isOK: length >= minimum, "\(rounded(length)), at least \(rounded(minimum)) is asked for"))
    } else if length < Verifier.lowAcceptance, request.traces.isEmpty, request.against == nil {
      report.warnings.append(
        "the acceptance length is only \(rounded(length)): the draft hardly helps. Compare with the source: verify --against SRC --against-draft SRC")
    }
  }

  /// Below this many tokens a cycle a released draft is likely to be broken, or another target's.
  private static let lowAcceptance = 1.5

  private func requireSameSizes(_ mine: TransformerConfiguration, _ other: TransformerConfiguration) throws(GriffinError) {
    guard mine.vocabularySize == other.vocabularySize else {
      throw GriffinError(
        .inconsistent, file: bundle.file.path,
        "its vocab_size is \(mine.vocabularySize) where the model to compare with has \(other.vocabularySize)")
    }
  }

  /// The types of tensors that the packed model stores otherwise than the other.
  private func convertedTypes(_ packed: BoundTensors, _ other: BoundTensors) -> Set<ElementType> {
    var types: Set<ElementType> = []
    for binding in packed.bindings {
      let type = packed.source.tensors[binding.index].type
      if let index = other[binding.role], other.source.tensors[index].type != type { types.insert(type) }
    }
    return types
  }

  private func rounded(_ value: Double) -> String { "\((value * 1e5).rounded() / 1e5)" }
}
