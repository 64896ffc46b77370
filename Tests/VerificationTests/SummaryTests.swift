import ByteStorage
import SpeculativeDecoding
import Testing
import Verification

struct SummaryTests {
  /// A case whose cycles accept `accepted` drafted tokens each of a chain of `depth`.
  private static func result(
    _ name: String, accepted: [Int], depth: Int = 3, vanilla: [Int], seconds: (vanilla: Double, speculative: Double),
    divergence: CaseResult.Divergence? = nil
  ) -> CaseResult {
    let tree = DraftTree(
      tokens: Array(0...depth), parents: Array(-1..<depth), scores: [Float](repeating: 0, count: depth + 1))
    let cycles = accepted.map {
      CycleRecord(position: 0, tree: tree, draft: DraftRecord(), accepted: Array(0...$0), nextToken: 0)
    }
    return CaseResult(
      name: name, promptIDs: [1, 2], vanillaIDs: vanilla, speculativeIDs: accepted.isEmpty ? [] : vanilla,
      firstDivergence: divergence, cycles: cycles, secondsVanilla: seconds.vanilla, secondsSpeculative: seconds.speculative,
      minimumMargin: 0.5, targetTop: [])
  }

  private static let divergence = CaseResult.Divergence(position: 4, vanilla: 7, speculative: 8, margin: 0.25)
  private static let results = [
    result("a", accepted: [3, 1], vanilla: Array(0..<6), seconds: (3, 1)),
    result("b", accepted: [0], vanilla: [9], seconds: (0.5, 1.5), divergence: divergence),
  ]

  @Test func numbersAreThoseOfTheContract() throws {
    let summary = VerificationSummary(SummaryTests.results)
    #expect(summary.cases == 2 && summary.identical == 1)
    // 4 + 2 + 1 tokens in 3 cycles; the cases' means are 3 and 1.
    #expect(summary.acceptanceLength == 7.0 / 3)
    #expect(summary.acceptanceLengthCaseMean == 2)
    let shares = [2, 1, 1].map { $0 / 3.0 }
    #expect(summary.acceptanceByPosition == shares)
    // 3.5 s for 7 tokens against 2.5 s for 7 tokens.
    #expect(try abs(#require(summary.speedup) - 1.4) < 1e-12)
    #expect(SummaryTests.results[0].acceptLengths == [3, 1])
    #expect(SummaryTests.results[0].acceptanceLength == 3)
    #expect(SummaryTests.results.map(\.isIdentical) == [true, false])
  }

  @Test func withoutCyclesThereIsNothingToCount() {
    let summary = VerificationSummary([SummaryTests.result("t", accepted: [], vanilla: [1, 2], seconds: (1, 0))])
    #expect(summary.cases == 1 && summary.identical == 1)
    #expect(summary.acceptanceLength == nil && summary.acceptanceLengthCaseMean == nil && summary.speedup == nil)
    #expect(summary.acceptanceByPosition.isEmpty)
    let empty = VerificationSummary([])
    #expect(empty.cases == 0 && empty.acceptanceLength == nil)
    #expect(DecodeTrace.acceptanceLength(of: [[Int]]()) == 0)
  }

  @Test func mismatchesMakeACaseFail() {
    var result = SummaryTests.results[0]
    #expect(result.isOK)
    result.mismatches = ["something"]
    #expect(!result.isOK && result.isIdentical)
    #expect(!SummaryTests.results[1].isOK)
  }

  @Test func reportHasTheKeysOfTheContract() throws {
    var report = VerificationReport(digest: "ab12")
    report.checks = [VerificationReport.Check("integrity", isOK: true, "all well")]
    report.cases = SummaryTests.results
    report.cases[0].differingTrees = 2
    report.warnings = ["careful"]
    let document = report.document
    #expect(
      document.object?.keys
        == ["ok", "digest", "checks", "cases", "summary", "fidelity", "sampling", "diagnosis", "drafted_tree", "tensor_errors", "prompt_format", "warnings"])
    #expect(document["ok"] == false && document["digest"] == "ab12" && document["warnings"] == ["careful"])
    #expect(document["fidelity"] == .null && document["sampling"] == .null && document["diagnosis"] == [])
    #expect(document["checks"] == [["name": "integrity", "ok": true, "detail": "all well"]])
    let cases = try #require(document["cases"]?.array)
    let keys = [
      "name", "prompt_ids", "vanilla_ids", "speculative_ids", "identical", "first_divergence", "cycles", "acceptance_length",
      "accept_lengths", "differing_trees", "mismatches", "seconds_vanilla", "seconds_speculative", "phase_seconds", "text", "pieces",
    ]
    #expect(cases.allSatisfy { $0.object?.keys == keys })
    #expect(cases[0]["first_divergence"] == .null && cases[0]["identical"] == true && cases[0]["differing_trees"] == 2)
    #expect(cases[0]["cycles"] == 2 && cases[0]["accept_lengths"] == [3, 1] && cases[0]["acceptance_length"] == 3.0)
    #expect(cases[1]["first_divergence"] == ["position": 4, "vanilla": 7, "speculative": 8, "margin": 0.25])
    #expect(cases[1]["identical"] == false && cases[1]["differing_trees"] == .null)
    #expect(
      document["summary"]?.object?.keys == [
        "cases", "identical", "acceptance_length", "acceptance_length_case_mean", "acceptance_by_position",
        "misaligned_token_rate", "speedup",
      ])
    #expect(VerificationReport(digest: "x").document["summary"] == .null)
    #expect(VerificationReport(digest: "x").document["ok"] == true)
  }

  @Test func reportFailsWithAnyCheckOrCase() {
    var report = VerificationReport(digest: "x")
    report.checks = [VerificationReport.Check("a", isOK: true, ""), VerificationReport.Check("b", isOK: false, "")]
    #expect(!report.isOK)
    report.checks.removeLast()
    #expect(report.isOK)
    report.cases = SummaryTests.results
    #expect(!report.isOK)
  }

  @Test func outputsThatEndHaveNoTokenThere() {
    let ended = CaseResult.Divergence(position: 2, vanilla: nil, speculative: 3, margin: nil)
    var report = VerificationReport(digest: "x")
    report.cases = [SummaryTests.result("c", accepted: [0], vanilla: [1, 2], seconds: (1, 1), divergence: ended)]
    let document = report.document["cases"]?.array?.first?["first_divergence"]
    #expect(document == ["position": 2, "vanilla": nil, "speculative": 3, "margin": nil])
  }
}
