internal import Bundles
internal import ByteStorage
internal import Conversion
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding

extension Verifier {
  /// How long a verification takes: seconds a token by what it is decoded for, and all in all.
  struct Forecast {
    var costs: [DecodingWork: Double] = [:]
    var seconds = 0.0
    /// How many of them go to finding out why little is accepted, where that is what is expected.
    var diagnosis = 0.0
  }

  /// Parameters from which it is worth while to say how long it will take.
  private static let largeModel = 200_000_000
  /// What comparing two distributions takes of one entry of the vocabulary.
  private static let comparisonSeconds = 30e-9

  /// Times a few passes and reckons from them; nil where nothing long is asked for. What is wrong with the bundle or the request is
  /// left to be said by the verification itself.
  /// - Throws: `interrupted`.
  func forecast(_ request: VerificationRequest) throws -> Forecast? {
    guard !request.integrityOnly, max(bundle.manifest.target?.parameters ?? 0, request.target?.model.parameterCount ?? 0) >= Verifier.largeModel else {
      return nil
    }
    do {
      return try measured(request)
    } catch let error where (error as? GriffinError)?.kind != .interrupted {
      return nil
    }
  }

  private func measured(_ request: VerificationRequest) throws -> Forecast? {
    let (packed, draft) = (try bundle.targetModel(), try bundle.draftModel())
    guard let target = packed ?? request.target?.model, try ModelPair.ifBoth(target, draft, file: nil) != nil || draft == nil else { return nil }
    let text = try packed == nil ? request.target?.textFiles() : bundle.textFiles()
    let agenda = try Agenda(request, target, draft, text, file: bundle.file.path)
    let prompts = try agenda.promptTokens() + request.traces.flatMap { $0.trace.cases.map(\.promptIDs) }
    guard let first = prompts.first(where: { !$0.isEmpty }) else { return nil }

    let compute = Compute(threads: threads)
    func passes(_ target: TargetModel, _ draft: DraftModel?, known: PassSeconds? = nil) throws -> PassSeconds {
      try PairDecoder(target: target, draft: draft, compute: compute).passSeconds(
        prompt: first, settings: agenda.settings, known: known, cancellation: cancellation)
    }
    var sides = [try passes(target, draft)]
    if let other = request.against { sides.append(try passes(other.target, draft == nil ? nil : other.draft ?? draft, known: sides[0])) }

    let promptLength = Double(prompts.reduce(0) { $0 + $1.count }) / Double(prompts.count)
    let generated = Double(agenda.settings.maxNewTokens)
    func mean(_ body: (PassSeconds) -> Double) -> Double { sides.reduce(0) { $0 + body($1) } / Double(sides.count) }
    var forecast = Forecast()
    forecast.costs[.plain] = mean { $0.plainToken + $0.promptToken * promptLength / generated }
    forecast.costs[.speculative] = mean { $0.cycle / $0.tokensPerCycle + $0.draftToken * promptLength / generated }
    // Chains that are still right go through the draft again.
    forecast.costs[.misalignment] = mean { $0.textToken + ($0.draftToken + $0.headToken) * (1 + 0.5 * min(4, $0.tokensPerCycle - 1)) }
    forecast.costs[.comparison] =
      sides.reduce(0) { $0 + $1.textToken } + Verifier.comparisonSeconds * Double(target.configuration.vocabularySize)
    // Texts begin with their prompts.
    let promptTexts = agenda.given.isEmpty ? Double(prompts.count) * promptLength : 0
    forecast.seconds = agenda.planned.reduce(0) { $0 + Double($1.value) * (forecast.costs[$1.key] ?? 0) }
    if draft != nil { forecast.seconds += promptTexts * Double(sides.count) * (forecast.costs[.misalignment] ?? 0) }
    if request.against != nil { forecast.seconds += promptTexts * (forecast.costs[.comparison] ?? 0) }
    if request.sampling != nil { forecast.seconds += Double(prompts.count) * mean { $0.cycle + $0.promptToken * promptLength } }
    forecast.seconds += Double(bundle.file.byteCount) * secondsOfHashing / Double(threads)
    if draft != nil, request.share == nil, Verifier.isLow(sides[0].tokensPerCycle, agenda.settings) {
      let pair = PairModels(target: target, draft: draft)
      let other = request.against.map { PairModels(target: $0.target, draft: $0.draft ?? draft) }
      let decoded = prompts.reduce(0) { $0 + $1.count + agenda.settings.maxNewTokens }
      let builtin = BuiltinTexts.encoded(agenda.processing, target.configuration).reduce(0) { $0 + $1.count }
      let writesPrompts = agenda.processing.canEncode && agenda.prompts.contains(where: \.isText)
      forecast.diagnosis = DiagnosisForecast(packed: pair, source: other, passes: sides[0], settings: agenda.settings).seconds(
        textTokens: decoded + builtin, formats: writesPrompts ? text.map { TemplateTrials.encoders($0, day: nil).count } ?? 0 : 0,
        prompts: prompts.count, promptTokens: promptLength)
      forecast.seconds += forecast.diagnosis
    }
    return forecast
  }

  /// Seconds that a byte takes to hash on one thread.
  private var secondsOfHashing: Double {
    let buffer = ByteBuffer(byteCount: 4 << 20)
    let bytes = buffer.bytes
    let start = ContinuousClock.now
    _ = SHA256Digest(of: bytes)
    return start.secondsSince / Double(4 << 20)
  }
}
