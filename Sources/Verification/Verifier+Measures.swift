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

  static func windows(_ texts: [[Int]]) -> [[Int]] {
    texts.flatMap { text in
      stride(from: 0, to: text.count, by: windowTokens).map { Array(text[$0..<min($0 + windowTokens, text.count)]) }
    }.filter { $0.count > 1 }
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
    var result = test.result()
    result.acceptanceLength = try acceptance(sampling, decoder, prompts, settings)
    var detail = "\(result.tokens) tokens of \(result.draws) draws, total variation \(rounded(result.totalVariation)) (bound \(rounded(result.totalVariationBound)))"
    if let pValue = result.pValue { detail += ", chi-square p = \(rounded(pValue))" }
    if let length = result.acceptanceLength { detail += "; \(rounded(length)) tokens a cycle at temperature \(rounded(sampling.temperature))" }
    report.sampling = result
    report.checks.append(VerificationReport.Check("sampling follows the target", isOK: result.isOK, detail))
  }

  /// Tokens a cycle of prompts decoded by sampling, each from the same seed.
  func acceptance(
    _ sampling: SamplingSettings, _ decoder: PairDecoder, _ prompts: [[Int]], _ settings: DecodeSettings
  ) throws -> Double? {
    var settings = settings
    settings.sampling = sampling
    var cycles: [CycleRecord] = []
    for prompt in prompts {
      try decoder.prepare(prompt: prompt, cancellation: cancellation)
      cycles += try decoder.decodeSpeculatively(settings, cancellation: cancellation).cycles
    }
    return cycles.isEmpty ? nil : DecodeTrace.acceptanceLength(of: cycles.map(\.accepted))
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

  func rounded(_ value: Double) -> String { "\((value * 1e5).rounded() / 1e5)" }
}
