internal import Bundles
internal import ByteStorage
internal import Conversion
internal import SpeculativeDecoding
internal import Statistics
internal import Tokenization

/// How prompts as text are written, here and by the source.
extension Verifier {
  /// Where the two write a prompt differently.
  struct FormatDifference {
    let source: TextFiles
    let encoder: PromptEncoder
    /// Of the first prompt that differs.
    let mine, theirs: [Int]
    let isTokenizer: Bool
  }

  static let fidelityCheck = "fidelity to the source"
  /// The gain that makes a format a cause, as a share. Other text may be easier by itself.
  private static let materialFormat = 0.3
  /// What it has to gain over the first prompt to be looked at further.
  private static let promisingFormat = 0.1
  private static let formatCheck = "prompts as the source writes them"

  /// Checks that text becomes the ids that the source makes of it; nil where it does, or there is no telling.
  func compareFormats(
    _ basis: DiagnosisBasis, _ request: VerificationRequest, into report: inout VerificationReport
  ) throws -> FormatDifference? {
    guard request.promptFormat.name == nil, !basis.prompts.isEmpty, let against = request.against, let source = try against.textFiles(),
      let encoder = try? source.encoder(request.promptFormat), let own = try? basis.processing.encoder()
    else { return nil }
    var difference: FormatDifference?
    for prompt in basis.prompts where difference == nil {
      let (mine, theirs) = (try own.encode(prompt), try? encoder.encode(prompt))
      guard let theirs, mine != theirs else { continue }
      let isTokenizer = try own.tokenizer.encode(prompt) != encoder.tokenizer.encode(prompt)
      difference = FormatDifference(source: source, encoder: encoder, mine: mine, theirs: theirs, isTokenizer: isTokenizer)
    }
    let detail = difference.map { difference in
      let place = zip(difference.mine, difference.theirs).prefix { $0 == $1 }.count
      return "\(difference.isTokenizer ? "the tokenizers differ" : "the chat templates differ"): \(difference.mine.count) ids where the source has \(difference.theirs.count), the first that differs at place \(place)"
    }
    report.checks.append(
      VerificationReport.Check(Verifier.formatCheck, isOK: difference == nil, detail ?? "the same ids for \(basis.prompts.count) prompts"))
    return difference
  }

  private func trials(_ basis: DiagnosisBasis, _ report: VerificationReport) -> TemplateTrials {
    TemplateTrials(decoder: basis.decoder, settings: report.settings, prompts: basis.prompts, cancellation: cancellation)
  }

  /// What differing formats cost.
  func finding(
    of difference: FormatDifference, _ basis: DiagnosisBasis, _ request: VerificationRequest, _ report: VerificationReport
  ) throws -> Finding {
    let subject = difference.isTokenizer ? "tokenizer" : "chat template"
    var (before, after): (Double?, Double?)
    if basis.side.draft != nil {
      let trials = trials(basis, report)
      (before, after) = (try trials.acceptance(try basis.processing.encoder()).value, try trials.acceptance(difference.encoder).value)
    }
    var measured = ""
    if let before, let after {
      measured = "; with the source's acceptance is \(rounded(after)) tokens a cycle instead of \(rounded(before))"
    }
    return Finding(
      kind: difference.isTokenizer ? "tokenizer" : "template",
      cause: "prompts are not written as the source writes them: the \(subject) of the bundle is another (\(basis.processing.format) here, \(difference.encoder.format) in the source)",
      evidence: "a prompt becomes \(difference.mine.count) ids where the source makes \(difference.theirs.count)\(measured)",
      remedy: "convert again with the source's tokenizer and chat template files", acceptanceLength: before, acceptanceLengthRepaired: after)
  }

  /// A known format in which the pair accepts more; nil where none is better beyond chance.
  func otherFormat(_ basis: DiagnosisBasis, _ request: VerificationRequest, _ report: VerificationReport) throws -> Finding? {
    guard basis.side.draft != nil, !basis.prompts.isEmpty, let text = basis.textFiles, let own = try? basis.processing.encoder() else { return nil }
    let trials = trials(basis, report)
    let written = try own.encode(basis.prompts[0])
    let others = TemplateTrials.encoders(text, day: request.promptFormat.day).filter { (try? $0.encoder.encode(basis.prompts[0])) != written }
    func chains(_ encoder: PromptEncoder, over prompts: Range<Int>, after earlier: BlockedRatio = BlockedRatio()) throws -> BlockedRatio? {
      do {
        return try trials.chains(encoder, over: prompts, after: earlier)
      } catch let error as GriffinError where error.kind != .interrupted {
        return nil
      }
    }
    // The first prompt tells which formats are worth the others.
    let (first, rest) = (0..<1, 1..<TemplateTrials.promptCount)
    let quick = try trials.chains(own, over: first)
    guard let least = quick.value.map({ (1 + Verifier.promisingFormat) * $0 }) else { return nil }
    var promising: [(name: String?, encoder: PromptEncoder, ratio: BlockedRatio)] = []
    for (index, other) in others.enumerated() {
      progress(.diagnosing(experiment: index, of: others.count))
      if let ratio = try chains(other.encoder, over: first), let value = ratio.value, value >= least {
        promising.append((other.name, other.encoder, ratio))
      }
    }
    guard !promising.isEmpty else { return nil }
    let base = try trials.chains(own, over: rest, after: quick)
    var best: (name: String?, encoder: PromptEncoder, value: Double, interval: Interval)?
    for other in promising {
      guard let ratio = try chains(other.encoder, over: rest, after: other.ratio),
        let difference = BlockedRatio.independentDifference(ratio, base, comparisons: others.count)
      else { continue }
      if difference.interval.low > 0, difference.value > best?.value ?? 0 { best = (other.name, other.encoder, difference.value, difference.interval) }
    }
    guard let best, best.value >= Verifier.materialFormat * (base.value ?? 1) else { return nil }
    let (before, after) = (try trials.acceptance(own).value, try trials.acceptance(best.encoder).value)
    let name = best.name ?? "the model's own"
    return Finding(
      kind: "template", cause: "prompts are written in another format (chat template) than the draft was trained with: \(basis.processing.format), and \(name) is right",
      evidence: "written as \(name) acceptance is \(rounded(after ?? 1)) tokens a cycle instead of \(rounded(before ?? 1)) (chains of drafts gain \(rounded(best.interval.low)) to \(rounded(best.interval.high)), corrected for \(others.count) formats)",
      remedy: best.name.map { "give --chat-template \($0), and convert with that template" } ?? "leave --chat-template out",
      acceptanceLength: before, acceptanceLengthRepaired: after)
  }
}
