internal import ByteStorage

extension Section {
  private static let mostCases = 60

  /// How much of what is drafted the target accepts, by place in the draft and by prompt.
  static func acceptance(_ page: ReportPage) -> Section? {
    guard let verification = page.verification, let summary = verification["summary"], let length = summary.number("acceptance_length") else {
      return nil
    }
    let (fidelity, byPosition) = (verification["fidelity"], summary.numbers("acceptance_by_position"))
    let source = fidelity?.number("acceptance_length_source")
    var sentence = "A cycle drafts a tree and adds \(Figures.fixed(length, 2)) tokens on average"
    if let source { sentence += ", \(Figures.fixed(source, 2)) with the source's weights" }
    if let speedup = summary.number("speedup") { sentence += "; on this machine that is \(Figures.fixed(speedup, 2)) times the speed of plain decoding" }
    var lines = [LineChart.Line(name: "this bundle", style: "packed", values: byPosition)]
    let theirs = fidelity?.numbers("acceptance_by_position_source") ?? []
    if !theirs.isEmpty { lines.append(LineChart.Line(name: "the source", style: "source", values: theirs)) }
    let chart = LineChart(
      title: "Cycles that accept a drafted token, by place", places: byPosition.indices.map { "\($0 + 1)" },
      axis: "place in the draft", lines: lines, most: 1, format: { Figures.fixed($0, 2) })
    return Section(
      id: "acceptance", title: "Acceptance and alignment", lead: sentence + ".",
      body: [
        .tag("div", ["class": "charts"], byPosition.isEmpty ? .nothing : chart.node, misalignment(verification)), prompts(verification),
      ])
  }

  private static func prompts(_ verification: JSONValue) -> Node {
    let cases = verification.list("cases")
    let sources = verification["fidelity"]?.list("acceptance_by_case_source").map(\.double) ?? []
    let hasSources = sources.contains { $0 != nil }
    let lengths = cases.map { $0.number("acceptance_length") }
    let most = (lengths + sources).compactMap(\.self).max() ?? 1
    let rows: [[Node]] = cases.indices.prefix(mostCases).map { index in
      let (item, length) = (cases[index], lengths[index])
      let source = index < sources.count ? sources[index] : nil
      let label = "\(length.map(Figures.short) ?? "nothing") tokens a cycle" + (source.map { ", with the source \(Figures.short($0))" } ?? "")
      let isIdentical = item["identical"]?.bool == true && item.list("mismatches").isEmpty
      return [
        .text((item.string("name") ?? "").shortened(to: 60)),
        length.map { Bar.node($0 / most, source: source.map { $0 / most }, label: label) } ?? "", .figure(length),
      ] + (hasSources ? [.figure(source)] : []) + [
        mark(isIdentical ? "holds" : "fails", isIdentical ? "✓ same" : "✗ differs"), .count(item.list("prompt_ids").count),
        .count(item.list("vanilla_ids").count),
      ]
    }
    var columns: [Table.Column] = [.text("prompt"), .drawing("drawn"), .number("tokens a cycle")]
    if hasSources { columns.append(.number("source")) }
    columns += [.text("with and without draft"), .number("prompt's tokens"), .number("new tokens")]
    let more: Node = cases.count > mostCases ? .tag("p", ["class": "note"], .text("\(cases.count - mostCases) more prompts are in the JSON document.")) : .nothing
    let legend: Node = hasSources
      ? .tag("p", ["class": "legend"], .tag("span", [:], .tag("span", ["class": "key packed", "aria-hidden": "true"], "■"), " this bundle, above"),
        .tag("span", [:], .tag("span", ["class": "key source", "aria-hidden": "true"], "■"), " the source, below")) : .nothing
    return .group([
      Table(caption: "Acceptance length by prompt", columns: columns, rows: rows).node, legend, more,
    ])
  }
}
