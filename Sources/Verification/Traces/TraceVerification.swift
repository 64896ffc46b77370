internal import ByteStorage
public import SpeculativeDecoding

extension CaseRunner {
  /// Decodes every case of a trace as it was recorded and holds the two against each other.
  /// - Returns: The cases' results, and one check for the trace as a whole.
  public func run(_ trace: DecodeTrace, label: String) throws -> (cases: [CaseResult], check: VerificationReport.Check) {
    var results: [CaseResult] = []
    for recorded in trace.cases {
      // One token more than was recorded shows every difference; what a trace asks for beyond that is not worked for.
      var settings = trace.settings
      settings.maxNewTokens = min(settings.maxNewTokens, max(recorded.vanillaIDs.count, recorded.speculativeIDs.count) + 1)
      var result: CaseResult
      do {
        result = try run(name: recorded.name, prompt: recorded.promptIDs, settings: settings)
      } catch let error as GriffinError {
        throw error.located(file: label)
      }
      if let message = CaseRunner.difference("vanilla ids", result.vanillaIDs, recorded.vanillaIDs) {
        result.mismatches.append(message)
      }
      if let message = CaseRunner.difference("speculative ids", result.speculativeIDs, recorded.speculativeIDs) {
        result.mismatches.append(message)
      }
      let comparison = TraceComparison(
        decoded: result.cycles, recorded: recorded.cycles, promptLength: recorded.promptIDs.count)
      result.mismatches += comparison.mismatches
      result.differingTrees = comparison.differingTrees
      results.append(result)
    }
    return (results, CaseRunner.check(results, trace, label: label))
  }

  private static func check(_ results: [CaseResult], _ trace: DecodeTrace, label: String) -> VerificationReport.Check {
    let measured = DecodeTrace.acceptanceLength(of: results.flatMap { $0.cycles.map(\.accepted) })
    let differing = results.reduce(0) { $0 + ($1.differingTrees ?? 0) }
    // The file rounds to six decimals; where no tree differed nothing else may.
    let tolerance = differing == 0 ? 1e-5 : 0.01 * trace.acceptanceLength
    let agrees = abs(measured - trace.acceptanceLength) <= tolerance
    let passed = results.count { $0.isOK }
    var detail = "\(passed) of \(results.count) cases, acceptance length \(rounded(measured)) (recorded \(rounded(trace.acceptanceLength)))"
    if differing > 0 { detail += ", \(differing) trees differ by near ties" }
    return VerificationReport.Check("trace \(label)", isOK: agrees && passed == results.count, detail)
  }

  /// In words, where two lists of ids first differ; nil where they are equal.
  private static func difference(_ what: String, _ mine: [Int], _ recorded: [Int]) -> String? {
    guard mine != recorded else { return nil }
    let position = zip(mine, recorded).prefix { $0 == $1 }.count
    func name(_ ids: [Int]) -> String { ids.dropFirst(position).first.map(String.init) ?? "its end" }
    return "\(what) part from the trace at position \(position): \(name(mine)) where it has \(name(recorded))"
  }

  private static func rounded(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }
}

extension DecodeTrace {
  /// Records what a verification decoded.
  public init(producer: String, settings: DecodeSettings, results: [CaseResult]) {
    self.producer = producer
    self.settings = settings
    acceptanceLength = DecodeTrace.acceptanceLength(of: results.flatMap { $0.cycles.map(\.accepted) })
    cases = results.map(Case.init)
  }
}

extension DecodeTrace.Case {
  /// A case as it was decoded.
  init(_ result: CaseResult) {
    let firstPass = result.cycles.first?.draft.candidates.filter { $0.level == 0 } ?? []
    self.init(
      name: result.name, promptIDs: result.promptIDs, vanillaIDs: result.vanillaIDs,
      speculativeIDs: result.speculativeIDs, cycles: result.cycles.map(DecodeTrace.Cycle.init),
      targetTop: result.targetTop.filter(\.score.isFinite),
      draftTop: firstPass.map { DecodeTrace.ScoredToken(token: $0.token, score: Double($0.score)) }.filter(\.score.isFinite),
      minimumMargin: result.minimumMargin)
  }
}

extension DecodeTrace.Cycle {
  init(_ record: CycleRecord) {
    self.init(
      treeTokens: record.tree.tokens, treeParents: record.tree.parents, accepted: record.accepted,
      nextToken: record.nextToken,
      selectionMargin: record.draft.selectionMargin.isFinite ? Double(record.draft.selectionMargin) : 1e30)
  }
}
