internal import Bundles
internal import ByteStorage
internal import Conversion
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding
internal import Statistics
internal import Tokenization

/// Why a pair fails or accepts little, where it does.
extension Verifier {
  /// What a diagnosis goes by beside the report.
  struct DiagnosisBasis {
    let side: Side
    let decoder: PairDecoder
    let compute: Compute
    let processing: TextProcessing
    let textFiles: TextFiles?
    /// The prompts that were text, first turns alone.
    let prompts: [String]
  }

  /// Tokens of text that an experiment is measured on, at most.
  public static let diagnosisTokens = Diagnostician.textTokens

  /// The share of a tree's depth that a draft worth having comes to on average.
  private static let lowShare = 0.35
  /// The share of cycles whose first drafted token such a draft gets right.
  private static let lowFirstShare = 0.6
  /// Tokens of text below which ids are drawn from the vocabulary to make more.
  private static let leastText = 128
  /// Prompts over which findings' acceptance lengths are measured, and findings that are.
  static let (measuredPrompts, measuredFindings) = (4, 3)

  /// Whether acceptance is so low that a released draft, decoded as it was trained, would not have it; or below what was asked for.
  static func isLow(_ summary: VerificationSummary, _ settings: DecodeSettings, minimum: Double?) -> Bool {
    guard let length = summary.acceptanceLength, let first = summary.acceptanceByPosition.first else { return false }
    return isLow(length, settings) || first < lowFirstShare || minimum.map { length < $0 } ?? false
  }

  static func isLow(_ acceptanceLength: Double, _ settings: DecodeSettings) -> Bool { acceptanceLength < leastAcceptance(settings) }

  /// Tokens a cycle below which acceptance is low.
  static func leastAcceptance(_ settings: DecodeSettings) -> Double { 1 + lowShare * Double(min(settings.depth + 1, settings.totalTokens - 1)) }

  func diagnose(_ basis: DiagnosisBasis, _ request: VerificationRequest, into report: inout VerificationReport) throws {
    let formats = try compareFormats(basis, request, into: &report)
    let isLow = basis.side.draft != nil && Verifier.isLow(report.summary, report.settings, minimum: request.minimumAcceptance)
    let fails = report.fidelity?.verdict == .fails || report.checks.contains { $0.name == Verifier.fidelityCheck && !$0.isOK }
    guard isLow || fails || formats != nil else { return }
    var findings: [Finding] = []
    if isLow || fails { findings = try experiments(basis, request, isLow: isLow, report) }
    if let finding = try formats.map({ try finding(of: $0, basis, request, report) }) ?? (isLow && findings.isEmpty ? otherFormat(basis, request, report) : nil) {
      let gain = (finding.acceptanceLengthRepaired ?? 0) - (finding.acceptanceLength ?? 0)
      let other = findings.first.map { first in first.acceptanceLengthRepaired.map { $0 - (first.acceptanceLength ?? 0) } ?? 0 }
      findings.insert(finding, at: other.map { $0 >= gain } ?? false ? 1 : 0)
    }
    report.diagnosis = findings
  }

  private func experiments(
    _ basis: DiagnosisBasis, _ request: VerificationRequest, isLow: Bool, _ report: VerificationReport
  ) throws -> [Finding] {
    let packed = PairModels(target: basis.side.target, draft: basis.side.draft)
    let source = request.against.map { PairModels(target: $0.target, draft: $0.draft ?? basis.side.draft) }
    let diagnostician = Diagnostician(
      packed: packed, source: source, triesAlternatives: isLow, compute: basis.compute, cancellation: cancellation,
      onExperiment: { progress(.diagnosing(experiment: $0, of: $1)) })
    let decoded = report.cases.map { $0.promptIDs + $0.vanillaIDs }
    var texts = decoded + BuiltinTexts.encoded(basis.processing, basis.side.target.configuration)
    // Ids without sense only dilute what was decoded; they are better than nothing.
    if texts.reduce(0, { $0 + $1.count }) < Verifier.leastText {
      let configuration = basis.side.target.configuration
      let begin = configuration.beginTokens.first { (0..<configuration.vocabularySize).contains($0) }
      texts += DrawnPrompts.draw(count: 8, length: 64, vocabularySize: configuration.vocabularySize, beginToken: begin)
    }
    let found = try diagnostician.run(over: texts)
    var findings: [Finding] = []
    // What gains nothing over text would gain nothing here, at the price of a tree for every token.
    let measured = found.indices.filter { found[$0].significantGain != nil }.prefix(Verifier.measuredFindings)
    for (index, experiment) in found.enumerated() {
      let lengths = try measured.firstIndex(of: index).flatMap { place in
        try acceptance(experiment.suspect, basis, report) { progress(.diagnosing(experiment: place * $1 + $0, of: measured.count * $1)) }
      }
      findings.append(
        Finding(
          kind: experiment.suspect.kind, cause: experiment.suspect.cause,
          evidence: experiment.evidence(lengths, tokens: min(Diagnostician.textTokens, texts.reduce(0) { $0 + $1.count })),
          remedy: experiment.suspect.remedy, acceptanceLength: lengths?.before ?? report.summary.acceptanceLength,
          acceptanceLengthRepaired: lengths?.after))
    }
    if findings.isEmpty, isLow, source == nil, let draft = basis.side.draft { findings += try unrelated(draft, basis, report) }
    return findings
  }

  /// Tokens a cycle over the first prompts, as the pair is and without a suspect.
  private func acceptance(
    _ suspect: Suspect, _ basis: DiagnosisBasis, _ report: VerificationReport, onPrompt: (_ done: Int, _ of: Int) -> Void
  ) throws -> (before: Double, after: Double?)? {
    let cases = Array(report.cases.prefix(Verifier.measuredPrompts))
    guard let before = VerificationSummary(cases).acceptanceLength, let models = try suspect.repaired() else { return nil }
    let decoder = try PairDecoder(target: models.target, draft: models.draft, compute: basis.compute)
    var cycles: [CycleRecord] = []
    for (index, prompt) in cases.map(\.promptIDs).enumerated() {
      onPrompt(index, cases.count)
      try decoder.prepare(prompt: prompt, cancellation: cancellation)
      cycles += try decoder.decodeSpeculatively(report.settings, cancellation: cancellation).cycles
    }
    return (before, cycles.isEmpty ? nil : DecodeTrace.acceptanceLength(of: cycles.map(\.accepted)))
  }

  /// Where nothing helps: whether the draft's embeddings, which training leaves as they are, are this target's at all.
  private func unrelated(_ draft: DraftModel, _ basis: DiagnosisBasis, _ report: VerificationReport) throws -> [Finding] {
    guard let own = try draft.tensors.values(.tokenEmbedding), let other = try basis.side.target.tensors.values(.tokenEmbedding),
      own.rows == other.rows, own.columns == other.columns
    else { return [] }
    let cosine = own.cosine(other)
    guard abs(cosine) < 0.5 else { return [] }
    return [
      Finding(
        kind: "draft_unrelated", cause: "the draft was trained for another target: its embeddings are not this target's",
        evidence: "training leaves embed_tokens as the target has it, and here the two have a cosine of \(rounded(cosine)); the target's in its place change nothing",
        remedy: "convert the draft that was released for this target", acceptanceLength: report.summary.acceptanceLength)
    ]
  }
}
