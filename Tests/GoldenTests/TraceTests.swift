import LinearAlgebra
import SpeculativeDecoding
import Testing
import Verification

/// Traces recorded with the paper's released implementation.
struct TraceTests {
  private func runner(_ pair: GoldenPair, threads: Int, set: InstructionSet = .best) throws -> CaseRunner {
    let compute = Compute(threads: threads, instructionSet: set)
    return CaseRunner(try PairDecoder(target: pair.target, draft: pair.draft, compute: compute))
  }

  @Test(arguments: GoldenPair.names, GoldenPair.traces)
  func everyTreeAndEveryTokenIsTheSame(name: String, file: String) throws {
    let pair = try GoldenPair(name)
    let trace = try pair.trace(file)
    for threads in [1, 2] {
      let (cases, check) = try runner(pair, threads: threads).run(trace, label: file)
      #expect(check.isOK, "\(check.detail)")
      #expect(cases.count == trace.cases.count)
      for (mine, recorded) in zip(cases, trace.cases) {
        #expect(mine.isOK && mine.differingTrees == 0, "\(mine.name): \(mine.mismatches)")
        #expect(mine.vanillaIDs == recorded.vanillaIDs && mine.speculativeIDs == recorded.speculativeIDs)
        try compareNumbers(mine, recorded)
      }
      let measured = DecodeTrace.acceptanceLength(of: cases.flatMap { $0.cycles.map(\.accepted) })
      #expect(abs(measured - trace.acceptanceLength) < 1e-6)
    }
  }

  /// Margins, logits and log-probabilities are those of float32 with other rounding.
  private func compareNumbers(_ mine: CaseResult, _ recorded: DecodeTrace.Case) throws {
    try #require(mine.cycles.count == recorded.cycles.count)
    for (cycle, other) in zip(mine.cycles, recorded.cycles) {
      #expect(abs(Double(cycle.draft.selectionMargin) - other.selectionMargin) < 2e-5)
      #expect(cycle.draft.candidates.count > cycle.tree.nodeCount)
    }
    #expect(mine.targetTop.map(\.token) == recorded.targetTop.map(\.token))
    for (top, other) in zip(mine.targetTop, recorded.targetTop) { #expect(abs(top.score - other.score) < 5e-5) }
    let first = try #require(mine.cycles.first).draft.candidates.filter { $0.level == 0 }
    for (top, other) in zip(first, recorded.draftTop) {
      #expect(top.token == other.token && abs(Double(top.score) - other.score) < 5e-5)
    }
  }

  /// The recorder took the margin over 80 tokens and past stops, whatever the ids were cut to.
  @Test(arguments: GoldenPair.names) func marginsOfPlainDecoding(name: String) throws {
    let pair = try GoldenPair(name)
    let decoder = try PairDecoder(target: pair.target, draft: nil, compute: Compute(threads: 2))
    for recorded in try pair.trace("trace.json").cases {
      try decoder.prepare(prompt: recorded.promptIDs)
      let run = try decoder.decodePlainly(DecodeSettings(maxNewTokens: 80))
      #expect(run.ids.starts(with: recorded.vanillaIDs))
      #expect(abs(run.minimumMargin - (try #require(recorded.minimumMargin))) < 2e-5)
    }
  }

  @Test func plainInstructionsGiveTheSameTreesAndScores() throws {
    let pair = try GoldenPair("llama2-tiny")
    var trace = try pair.trace("trace-small-tree.json")
    trace.cases = Array(trace.cases.prefix(1))
    trace.settings.maxNewTokens = 16
    let runs = try [InstructionSet.plain, .best].map { set in
      try runner(pair, threads: 1, set: set).run(name: "", prompt: trace.cases[0].promptIDs, settings: trace.settings)
    }
    #expect(runs[0].vanillaIDs == Array(trace.cases[0].vanillaIDs.prefix(16)))
    // Scores are part of a tree.
    #expect(runs[0].cycles.map(\.tree) == runs[1].cycles.map(\.tree))
    #expect(runs[0].cycles.map(\.draft.selectionMargin) == runs[1].cycles.map(\.draft.selectionMargin))
    let comparison = TraceComparison(
      decoded: runs[0].cycles, recorded: Array(trace.cases[0].cycles.prefix(runs[0].cycles.count)),
      promptLength: trace.cases[0].promptIDs.count)
    #expect(comparison.mismatches.isEmpty && comparison.differingTrees == 0)
  }
}
