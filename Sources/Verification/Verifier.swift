public import Bundles
public import ByteStorage
internal import Conversion
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding
internal import Tokenization

/// Proves a bundle: digests first, then that its pair decodes as it should.
public struct Verifier: Sendable {
  /// How far a verification has come.
  public enum Progress: Sendable {
    case integrity(bytes: Int, of: Int)
    /// How long all will take, said once before it begins, where it will be long.
    /// - Parameter diagnosis: How many of the seconds go to finding out why little is accepted, where that is expected.
    case forecast(seconds: Double, diagnosis: Double)
    /// - Parameter secondsLeft: nil where that was not forecast.
    case decoding(tokens: Int, of: Int, secondsLeft: Double?)
    /// Looking for the cause of what failed.
    case diagnosing(experiment: Int, of: Int)
  }

  /// Prompts that are decoded where none were asked for.
  public static let builtinPromptCount = 4

  let bundle: ModelBundle
  let threads: Int
  let cancellation: Cancellation
  let progress: @Sendable (Progress) -> Void

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
    if let signature = request.signature {
      let objection = try signature.objection(to: bundle, threads: threads, cancellation: cancellation) { [progress] in
        progress(.integrity(bytes: $0, of: $1))
      }
      report.checks.append(VerificationReport.Check("signature", isOK: objection == nil, objection ?? signature.meaning))
    }
    let forecast = try forecast(request)
    if let forecast { progress(.forecast(seconds: forecast.seconds, diagnosis: forecast.diagnosis)) }
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
    let text = try packed == nil ? request.target?.textFiles() : bundle.textFiles()
    report.warnings += text?.warnings ?? []
    try decode(target, draft, text, request, forecast, into: &report)
    return report
  }

  /// One check for all payloads, or one for each that fails.
  private func integrity(of bundle: ModelBundle, _ name: String) throws -> [VerificationReport.Check] {
    let failures = try bundle.verifyPayloads(threads: threads, cancellation: cancellation) { done, total in
      progress(.integrity(bytes: done, of: total))
    }
    guard failures.isEmpty else {
      return failures.map { VerificationReport.Check(name, isOK: false, "byte \($0.offset): \($0.message)") }
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
    guard request.traces.isEmpty, request.prompts == nil, !request.usesAllBuiltinPrompts, request.against == nil,
      request.sampling == nil
    else {
      throw GriffinError(
        .usage, file: bundle.file.path, "the bundle holds a draft alone; decoding needs its target",
        hints: ["--target names it: a checkpoint or a bundle"])
    }
  }

  private func decode(
    _ target: TargetModel, _ draft: DraftModel?, _ text: TextFiles?, _ request: VerificationRequest,
    _ forecast: Forecast?, into report: inout VerificationReport
  ) throws {
    let agenda = try Agenda(request, target, draft, text, file: bundle.file.path)
    let (settings, processing, prompts, given) = (agenda.settings, agenda.processing, agenda.prompts, agenda.given)
    report.settings = settings
    report.tokenizer = text?.tokenizer
    if prompts.contains(where: \.isText) {
      report.warnings += processing.warnings
      report.promptFormat = processing.format
    }
    let workload = Workload(planned: agenda.planned, costs: forecast?.costs)
    func onTokens(_ work: DecodingWork, _ count: Int) {
      workload.add(work, count)
      progress(.decoding(tokens: workload.doneTokens, of: workload.plannedTokens, secondsLeft: workload.secondsLeft))
    }
    let compute = Compute(threads: threads)
    let decoder = try PairDecoder(target: target, draft: draft, compute: compute)
    let runner = CaseRunner(decoder, cancellation: cancellation, onTokens: onTokens)
    func basis(of prompts: [VerificationRequest.Prompt]) -> DiagnosisBasis {
      DiagnosisBasis(
        side: Side(target: target, draft: draft), decoder: decoder, compute: compute, processing: processing, textFiles: text,
        prompts: prompts.compactMap(\.firstTurn))
    }
    for (label, trace) in request.traces {
      let (cases, check) = try runner.run(trace, label: label)
      report.cases += cases
      report.checks.append(check)
    }
    let side = Side(target: target, draft: draft)
    // Traces are compared with nothing else.
    let against = prompts.isEmpty ? nil : request.against
    if let other = against { try requireSameSizes(target.configuration, other.target.configuration) }
    let observer = try UnitObserver(
      decoder, side, with: against, agenda, compute: compute, cancellation: cancellation, onTokens: onTokens)
    guard !prompts.isEmpty else {
      // Traces bring no text of their own.
      if draft != nil, !given.isEmpty { report.misalignment = try agenda.units.map(observer.observe).misalignment }
      judgeAcceptance(request, &report)
      return try diagnose(basis(of: prompts), request, into: &report)
    }
    let seen = try observations(agenda, observer, side, request, into: &report)
    let results = seen.flatMap(\.cases)
    report.cases += results
    let identical = results.count { $0.isIdentical }
    report.checks.append(
      draft == nil
        ? VerificationReport.Check("decode", isOK: true, "\(results.count) prompts decode; there is no draft to compare with")
        : VerificationReport.Check(
          "speculative equals vanilla", isOK: identical == results.count, "\(identical) of \(results.count) prompts"))
    if draft != nil { report.misalignment = seen.misalignment }
    guard request.share == nil else { return }
    if let sampling = request.sampling {
      try test(sampling.settings, draws: sampling.draws, decoder, results.map(\.promptIDs), settings, into: &report)
    }
    if let other = request.against {
      let used = Set(prompts.map(\.name))
      var waiting: [(name: String, ids: [Int])] = []
      for prompt in request.untilDecided ? BuiltinPrompts.all(processing, target.configuration) : [] where !used.contains(prompt.name) {
        try prompt.forEachTurn(encoder: processing.encoder) { name, ids in
          waiting.append((name, ids))
          return []
        }
      }
      try compare(side, with: other, request, seen, observer, more: MorePrompts(waiting, target.configuration), into: &report)
      if let sampling = request.sampling, let otherDraft = other.draft ?? draft {
        let source = try PairDecoder(target: other.target, draft: otherDraft, compute: compute)
        report.sampling?.acceptanceLengthSource = try acceptance(sampling.settings, source, results.map(\.promptIDs), settings)
      }
    }
    judgeAcceptance(request, &report)
    try diagnose(basis(of: prompts), request, into: &report)
  }
}
