import ByteStorage
import SpeculativeDecoding
import Statistics
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
    if let format = report.promptFormat { parts.append(Formatting.paragraph("prompts written as: \(format)")) }
    if !report.cases.isEmpty { parts.append(caseTable) }
    for result in report.cases {
      if let divergence = result.firstDivergence { parts.append(text(of: divergence, in: result)) }
      parts += result.mismatches.prefix(10).map { Formatting.paragraph("  \(result.name.printable): \($0)") }
    }
    if let line = summaryLine { parts.append(line) }
    if let chart = acceptanceChart { parts.append(chart) }
    if let table = fidelityTable { parts.append(table) }
    for (index, finding) in report.diagnosis.enumerated() {
      parts.append(Formatting.paragraph("cause \(index + 1): \(finding.cause)".printable))
      if !finding.evidence.isEmpty { parts.append(Formatting.paragraph("  found by: \(finding.evidence)".printable)) }
      parts.append(Formatting.paragraph("  to do: \(finding.remedy)".printable))
    }
    parts += advice.map { Formatting.paragraph("next: \($0)") }
    return parts.joined(separator: "\n")
  }

  private var verdict: String {
    let failed = report.checks.filter { !$0.isOK }.count
    return report.isOK
      ? "\(bundle.printable): verified\ndigest \(report.digest)"
      : "\(bundle.printable): NOT verified, \(failed) of \(report.checks.count) checks failed"
  }

  private var caseTable: String {
    var rows = [["", "case", "prompt", "new", "cycles", "tau", "vanilla", "speculative"]]
    for result in report.cases {
      rows.append([
        result.isOK ? "  ok" : "  FAILED", result.name.printable.shortened(to: 24), "\(result.promptIDs.count)",
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
    return Formatting.paragraph(
      "  \(result.name.printable): the outputs part at position \(divergence.position): vanilla "
        + "\(name(divergence.vanilla)), speculative \(name(divergence.speculative))\(margin)")
  }

  private var summaryLine: String? {
    let summary = report.summary
    guard let length = summary.acceptanceLength else { return nil }
    let speedup = summary.speedup.map { ", speed \(Formatting.fixed($0, 2)) x" } ?? ""
    return Formatting.paragraph(
      "acceptance length \(Formatting.fixed(length, 3)) tokens a cycle (mean of cases "
        + "\(Formatting.fixed(summary.acceptanceLengthCaseMean ?? length, 3)))\(speedup)")
  }

  /// A bar a draft depth: how many cycles accepted so far, and how often that pass's own choice is not the target's.
  private var acceptanceChart: String? {
    let positions = report.summary.acceptanceByPosition
    guard !positions.isEmpty else { return nil }
    let (rates, sources) = (report.misalignment?.rates ?? [], report.fidelity?.acceptanceByPositionSource ?? [])
    let width = 30
    var rows = [["  depth", "accepted", ""] + (sources.isEmpty ? [] : ["source"]) + (rates.isEmpty ? [] : ["misaligned"])]
    for (depth, share) in positions.enumerated() {
      let filled = Int((share * Double(width)).rounded())
      var row = [
        "  \(depth + 1)", Formatting.fixed(share, 2),
        String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled),
      ]
      if !sources.isEmpty { row.append(depth < sources.count ? Formatting.fixed(sources[depth], 2) : "-") }
      if !rates.isEmpty { row.append(depth < rates.count ? Formatting.fixed(rates[depth], 3) : "-") }
      rows.append(row)
    }
    return Formatting.table(rows, rightAligned: [0, 1, 3, 4])
  }

  private var fidelityTable: String? {
    guard let fidelity = report.fidelity else { return nil }
    func number(_ value: Double?, _ decimals: Int) -> String { value.map { Formatting.fixed($0, decimals) } ?? "-" }
    let divergences = [fidelity.klMean, fidelity.klP99, fidelity.klMaximum].map { Formatting.fixed($0, 6) }
    func range(_ name: String) -> String {
      guard let interval = fidelity.intervals[name], interval.low != interval.high else { return "" }
      func end(_ value: Double) -> String { value.isFinite ? Formatting.fixed(value, 4) : "?" }
      return "\(end(interval.low)) to \(end(interval.high))"
    }
    return "against the source: \(fidelity.verdict.rawValue)\n" + Formatting.table([
      ["", "packed", "source", "99 % interval"],
      ["  KL divergence, mean, nats", divergences[0], "", range("kl_mean")],
      ["  its 99th percentile", divergences[1], "", range("kl_p99")],
      ["  its largest", divergences[2]],
      ["  same best token", "\(Formatting.fixed(100 * fidelity.top1Agreement, 2)) %", "", range("top1_agreement")],
      ["  overlap of distributions", Formatting.fixed(fidelity.overlap, 4), "", range("overlap")],
      ["  perplexity", number(fidelity.perplexity, 3), number(fidelity.perplexitySource, 3), "ratio " + range("perplexity")],
      ["  acceptance length", number(fidelity.acceptanceLength, 3), number(fidelity.acceptanceLengthSource, 3), "ratio " + range("acceptance_length")],
      ["  misaligned tokens", number(report.misalignment?.rates.first, 3), number(fidelity.misalignedTokenRateSource.first, 3), "difference " + range("misaligned_token_rate")],
    ])
  }

  /// What to do about what failed.
  private var advice: [String] {
    let failed = Set(report.checks.filter { !$0.isOK }.map(\.name))
    var advice: [String] = []
    if failed.contains(where: { $0.hasPrefix("integrity") }) {
      advice.append("get the bundle again, or convert it again; its bytes are damaged")
    }
    if failed.contains("signature") {
      advice.append("the bundle is not the one that the owner of this key signed: do not use it before you know why")
    }
    if failed.contains("speculative equals vanilla") {
      advice.append("this must never happen, whatever the weights: report it, with the digest above and the output of --record")
    }
    if failed.contains(where: { $0.hasPrefix("trace ") }) {
      advice.append(
        "the weights or the configuration are not those that the trace was recorded with; compare provenance with inspect")
    }
    if failed.contains("fidelity to the source"), report.diagnosis.isEmpty {
      advice.append(
        "keep more bits (--quantize q8_0, --draft-quantize copy), or compare each half alone to find which one lost it")
    }
    if failed.contains("acceptance length") { advice.append("compare with the source: --against SRC --against-draft SRC") }
    return advice
  }
}
