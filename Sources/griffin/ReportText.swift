import ByteStorage
import Verification

/// A verification as text for people: the verdict first.
struct ReportText {
  private let report: VerificationReport
  private let bundle: String

  init(_ report: VerificationReport, bundle: String) {
    self.report = report
    self.bundle = bundle
  }

  var text: String {
    var parts = [verdict]
    parts.append(Formatting.table(report.checks.map { [$0.isOK ? "  ok" : "  FAILED", $0.name, $0.detail.printable] }))
    if !report.cases.isEmpty { parts.append(caseTable) }
    for result in report.cases {
      if let divergence = result.firstDivergence { parts.append(text(of: divergence, in: result)) }
      parts += result.mismatches.prefix(10).map { "  \(result.name.printable): \($0)" }
    }
    if let line = summaryLine { parts.append(line) }
    return parts.joined(separator: "\n")
  }

  private var verdict: String {
    let failed = report.checks.filter { !$0.isOK }.count
    return report.isOK
      ? "\(bundle.printable): verified, digest \(report.digest)"
      : "\(bundle.printable): NOT verified, \(failed) of \(report.checks.count) checks failed"
  }

  private var caseTable: String {
    var rows = [["", "case", "prompt", "new", "cycles", "tau", "vanilla", "speculative"]]
    for result in report.cases {
      rows.append([
        result.isOK ? "  ok" : "  FAILED", String(result.name.printable.prefix(40)), "\(result.promptIDs.count)",
        "\(result.vanillaIDs.count)", "\(result.cycles.count)",
        result.acceptanceLength.map { Formatting.fixed($0, 2) } ?? "-", Formatting.fixed(result.secondsVanilla, 2) + " s",
        result.cycles.isEmpty ? "-" : Formatting.fixed(result.secondsSpeculative, 2) + " s",
      ])
    }
    return Formatting.table(rows, rightAligned: [2, 3, 4, 5, 6, 7])
  }

  private func text(of divergence: CaseResult.Divergence, in result: CaseResult) -> String {
    func name(_ token: Int?) -> String { token.map(String.init) ?? "the end" }
    let margin = divergence.margin.map { ", logit margin \($0)" } ?? ""
    return "  \(result.name.printable): the outputs part at position \(divergence.position): vanilla "
      + "\(name(divergence.vanilla)), speculative \(name(divergence.speculative))\(margin)"
  }

  private var summaryLine: String? {
    let summary = report.summary
    guard let length = summary.acceptanceLength else { return nil }
    let positions = summary.acceptanceByPosition.map { Formatting.fixed($0, 2) }.joined(separator: " ")
    let speedup = summary.speedup.map { ", \(Formatting.fixed($0, 2)) x vanilla speed" } ?? ""
    return "acceptance length \(Formatting.fixed(length, 3)) tokens a cycle (mean of cases "
      + "\(Formatting.fixed(summary.acceptanceLengthCaseMean ?? length, 3))), accepted by depth \(positions)\(speedup)"
  }
}
