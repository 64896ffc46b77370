internal import Bundles
internal import ByteStorage
internal import Conversion
internal import Models
internal import SpeculativeDecoding
internal import Statistics
internal import Tensors

/// The packed pair against another: how much text, and what it says.
extension Verifier {
  /// Prompts that are added at a time where the verdict is still open.
  private static let promptsAtATime = 4

  /// Holds the packed pair against another on the same prompts and text.
  func compare(
    _ packed: Side, with other: ModelSource.Pair, _ request: VerificationRequest, _ seen: [UnitObservation], _ observer: UnitObserver,
    more: MorePrompts, into report: inout VerificationReport
  ) throws {
    report.warnings += other.warnings
    if packed.draft != nil, other.draft == nil {
      report.warnings.append(
        "no draft was given to compare with (--against-draft): acceptance is that of the packed draft with either target")
    }
    var converted = convertedTypes(packed.target.tensors, other.target.tensors)
    if let draft = packed.draft, let otherDraft = other.draft ?? packed.draft {
      converted.formUnion(convertedTypes(draft.tensors, otherDraft.tensors))
    }
    var tolerances = FidelityTolerances(converted: converted)
    for text in request.tolerances { try tolerances.set(parsing: text) }

    var comparison = PairComparison(hasDrafts: packed.draft != nil)
    seen.forEach { comparison.add($0) }
    var (fidelity, more) = (judged(comparison, tolerances), more)
    while request.untilDecided, fidelity.verdict == .undecided, comparison.tokenCount < request.maximumTokens {
      for prompt in more.next(Verifier.promptsAtATime) {
        let seen = try observer.observe(name: prompt.name, prompt: prompt.ids)
        comparison.add(seen)
        report.cases += seen.cases
      }
      fidelity = judged(comparison, tolerances)
    }
    if packed.draft != nil { report.misalignment = comparison.myCounts }
    report.fidelity = fidelity
    var errors = try StorageError.all(
      packed.target.tensors, other.target.tensors, prefix: Component.target.prefix, threads: threads, cancellation: cancellation)
    if let draft = packed.draft, let otherDraft = other.draft {
      errors += try StorageError.all(
        draft.tensors, otherDraft.tensors, prefix: Component.draft.prefix, threads: threads, cancellation: cancellation)
    }
    report.tensorErrors = errors
    report.checks.append(check(fidelity, comparison, tolerances, converted))
  }

  private func judged(_ comparison: PairComparison, _ tolerances: FidelityTolerances) -> Fidelity {
    var fidelity = comparison.fidelity()
    fidelity.judgements = tolerances.judgements(fidelity, misalignedTokenRate: comparison.myCounts.rates)
    return fidelity
  }

  /// The verdict in words: what fails, or what is open and how much text would close it.
  private func check(
    _ fidelity: Fidelity, _ comparison: PairComparison, _ tolerances: FidelityTolerances, _ converted: Set<ElementType>
  ) -> VerificationReport.Check {
    let differences = tolerances.differences(fidelity, misalignedTokenRate: comparison.myCounts.rates)
    let failing = fidelity.judgements.filter { $0.verdict == .fails }.map(text) + differences
    let basis =
      converted.isEmpty ? "no tensor was converted, so the same bits are expected"
      : "tolerances for \(converted.map(\.rawValue).sorted().joined(separator: ", "))"
    let measured = "mean KL \(rounded(fidelity.klMean)) over \(fidelity.positions) positions, top-1 agreement \(rounded(100 * fidelity.top1Agreement)) %"
    var detail = failing.isEmpty ? "\(measured); \(basis)" : "\(failing.joined(separator: "; ")) (\(basis))"
    let open = fidelity.judgements.filter { $0.verdict == .undecided }
    if failing.isEmpty, !open.isEmpty {
      detail += "; undecided: " + open.map(text).joined(separator: "; ") + "; " + needed(open, tokens: comparison.tokenCount)
    }
    return VerificationReport.Check(Verifier.fidelityCheck, isOK: failing.isEmpty, detail)
  }

  private func text(_ judgement: Judgement) -> String {
    let limit = "\(judgement.isUpperLimit ? "at most" : "at least") \(rounded(judgement.limit))"
    func end(_ value: Double) -> String { value.isFinite ? rounded(value) : "?" }
    let interval = judgement.interval
    let range = interval.low == interval.high ? "" : " (\(end(interval.low)) to \(end(interval.high)))"
    return "\(judgement.name) is \(rounded(judgement.value))\(range), \(limit) is expected"
  }

  private func needed(_ open: [Judgement], tokens: Int) -> String {
    guard let factor = open.compactMap(\.neededFactor).max(), open.allSatisfy({ $0.neededFactor != nil }), factor * Double(tokens) < 1e7 else {
      return "no amount of text is likely to decide it"
    }
    return "about \(Int((factor * Double(tokens) / 100).rounded(.up)) * 100) tokens would decide it, as --until-decided does"
  }

  func requireSameSizes(_ mine: TransformerConfiguration, _ other: TransformerConfiguration) throws(GriffinError) {
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
}

/// Prompts after those that were asked for: the rest of the built-in ones, then ids drawn from the vocabulary.
struct MorePrompts {
  private var waiting: [(name: String, ids: [Int])]
  private let configuration: TransformerConfiguration
  private var drawn = 0

  init(_ waiting: [(name: String, ids: [Int])], _ configuration: TransformerConfiguration) {
    (self.waiting, self.configuration) = (waiting, configuration)
  }

  mutating func next(_ count: Int) -> [(name: String, ids: [Int])] {
    let first = waiting.prefix(count)
    waiting.removeFirst(first.count)
    let missing = count - first.count
    guard missing > 0 else { return Array(first) }
    let begin = configuration.beginTokens.first { (0..<configuration.vocabularySize).contains($0) }
    let all = DrawnPrompts.draw(count: drawn + missing, vocabularySize: configuration.vocabularySize, beginToken: begin)
    defer { drawn += missing }
    return Array(first) + all[drawn...].enumerated().map { ("drawn \(drawn + $0 + 1)", $1) }
  }
}
