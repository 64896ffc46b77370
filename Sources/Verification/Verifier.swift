public import Bundles
public import ByteStorage
public import Conversion
internal import LinearAlgebra
internal import Models
public import SpeculativeDecoding

/// What to verify of a bundle beside its digests.
public struct VerificationRequest: Sendable {
  /// A prompt to decode both ways.
  public struct Prompt: Sendable {
    public let name: String
    public let ids: [Int]

    public init(name: String, ids: [Int]) { (self.name, self.ids) = (name, ids) }
  }

  /// Traces to hold the bundle against, each with the name that the report gives it.
  public var traces: [(label: String, trace: DecodeTrace)] = []
  /// Prompts to decode; nil means the built-in ones, unless there are traces.
  public var prompts: [Prompt]?
  /// How prompts are decoded; traces carry their own settings. Stop tokens nil means the model's.
  public var settings: DecodeSettings
  /// Check digests and nothing else.
  public var integrityOnly = false
  /// The target of a bundle that holds a draft alone.
  public var target: ModelSource.Target?

  public init(settings: DecodeSettings = DecodeSettings()) { self.settings = settings }
}

/// Proves a bundle: digests first, then that its pair decodes as it should.
public struct Verifier: Sendable {
  /// How far a verification has come.
  public enum Progress: Sendable {
    case integrity(bytes: Int, of: Int)
    case decoding(tokens: Int, of: Int)
  }

  /// Prompts that are decoded where none were asked for.
  public static let builtinPromptCount = 4

  private let bundle: ModelBundle
  private let threads: Int
  private let cancellation: Cancellation
  private let progress: @Sendable (Progress) -> Void

  public init(
    _ bundle: ModelBundle, threads: Int, cancellation: Cancellation = Cancellation(),
    progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) {
    self.bundle = bundle
    self.threads = threads
    self.cancellation = cancellation
    self.progress = progress
  }

  /// - Throws: `usage` for a request that the bundle cannot serve, `interrupted`, and what reading throws. A bundle that
  ///   fails its checks is no error: the report says so.
  public func run(_ request: VerificationRequest) throws -> VerificationReport {
    var report = VerificationReport(digest: bundle.digest.hexadecimal)
    report.checks.append(contentsOf: try integrity(of: bundle, "integrity"))
    guard report.isOK, !request.integrityOnly else { return report }

    let (packed, draft) = (try bundle.targetModel(), try bundle.draftModel())
    if let other = request.target {
      guard packed == nil else {
        throw GriffinError(
          .usage, file: bundle.file.path, "the bundle holds a target already; --target is for one that holds a draft alone")
      }
      report.warnings += other.warnings
      if let targetBundle = other.bundle {
        report.checks.append(contentsOf: try integrity(of: targetBundle, "integrity of the target"))
        guard report.isOK else { return report }
      }
    }
    let target = packed ?? request.target?.model
    let pair = try ModelPair.ifBoth(target, draft, file: bundle.file.path)
    report.warnings += (packed?.warnings ?? []) + (draft?.warnings ?? [])
    report.checks.append(structure(target, draft))
    guard let target else {
      try refuseDecoding(request)
      report.warnings.append(
        "the bundle holds a draft alone: only integrity and structure were checked; --target names the target to decode it with")
      return report
    }
    if pair == nil, !request.traces.isEmpty {
      throw GriffinError(.usage, file: bundle.file.path, "the bundle holds a target alone; a trace needs its draft too")
    }
    try decode(target, draft, request, into: &report)
    return report
  }

  /// One check for all payloads, or one for each that fails.
  private func integrity(of bundle: ModelBundle, _ name: String) throws -> [VerificationReport.Check] {
    let failures = try bundle.verifyPayloads(threads: threads, cancellation: cancellation) { done, total in
      progress(.integrity(bytes: done, of: total))
    }
    guard failures.isEmpty else {
      return failures.map { failure in
        let subject = failure.tensors.isEmpty ? "" : "\(failure.tensors.joined(separator: ", ")): "
        return VerificationReport.Check(
          name, isOK: false, "\(subject)byte \(failure.offset): \(failure.message)")
      }
    }
    let payloads = bundle.manifest.payloads
    let detail = "manifest, \(payloads.count) payloads and all padding are what their SHA-256 says"
    return [VerificationReport.Check(name, isOK: true, detail)]
  }

  /// What loading the models has shown: every tensor with its role and shape, and two halves that fit.
  private func structure(_ target: TargetModel?, _ draft: DraftModel?) -> VerificationReport.Check {
    let parts = [
      target.map { "\($0.family.name) target with \($0.tensors.bindings.count) tensors" },
      draft.map { "\($0.kind.name) draft with \($0.tensors.bindings.count) tensors" },
    ].compactMap(\.self)
    return VerificationReport.Check("structure", isOK: true, parts.joined(separator: ", "))
  }

  private func refuseDecoding(_ request: VerificationRequest) throws(GriffinError) {
    guard request.traces.isEmpty, request.prompts == nil else {
      throw GriffinError(
        .usage, file: bundle.file.path, "the bundle holds a draft alone; decoding needs its target",
        hints: ["--target names it: a checkpoint or a bundle"])
    }
  }

  private func decode(
    _ target: TargetModel, _ draft: DraftModel?, _ request: VerificationRequest, into report: inout VerificationReport
  ) throws {
    var settings = request.settings
    if settings.stopTokens.isEmpty { settings.stopTokens = target.configuration.stopTokens }
    report.settings = settings
    let prompts = request.prompts ?? (request.traces.isEmpty ? builtinPrompts(target.configuration) : [])
    let ways = draft == nil ? 1 : 2
    let total =
      ways * (prompts.count * settings.maxNewTokens
        + request.traces.reduce(0) { $0 + $1.trace.cases.reduce(0) { $0 + $1.vanillaIDs.count } })
    var done = 0
    let decoder = try PairDecoder(target: target, draft: draft, compute: Compute(threads: threads))
    let runner = CaseRunner(decoder, cancellation: cancellation) { count in
      done += count
      progress(.decoding(tokens: min(done, total), of: total))
    }
    for (label, trace) in request.traces {
      let (cases, check) = try runner.run(trace, label: label)
      report.cases += cases
      report.checks.append(check)
    }
    guard !prompts.isEmpty else { return }
    let results = try prompts.map { try runner.run(name: $0.name, prompt: $0.ids, settings: settings) }
    report.cases += results
    let identical = results.count { $0.isIdentical }
    report.checks.append(
      draft == nil
        ? VerificationReport.Check("decode", isOK: true, "\(results.count) prompts decode; there is no draft to compare with")
        : VerificationReport.Check(
          "speculative equals vanilla", isOK: identical == results.count, "\(identical) of \(results.count) prompts"))
  }

  private func builtinPrompts(_ configuration: TransformerConfiguration) -> [VerificationRequest.Prompt] {
    BuiltinPrompts.draw(
      count: Verifier.builtinPromptCount, vocabularySize: configuration.vocabularySize,
      beginToken: configuration.beginTokens.first { (0..<configuration.vocabularySize).contains($0) }
    ).enumerated().map { VerificationRequest.Prompt(name: "built-in \($0 + 1)", ids: $1) }
  }
}
