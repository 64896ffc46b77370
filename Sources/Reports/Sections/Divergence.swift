internal import ByteStorage

extension Section {
  /// How far the target's distributions are from the source's, by place in the text.
  static func divergence(_ page: ReportPage) -> Section? {
    guard let fidelity = page.verification?["fidelity"], let mean = fidelity.number("kl_mean") else { return nil }
    let parts = fidelity.list("kl_by_position")
    let places = parts.map { "\($0.integer("from") ?? 0)" }
    func chart(_ title: String, _ key: String, least: Double?, most: Double?, isLogarithmic: Bool, _ format: @escaping @Sendable (Double) -> String) -> Node {
      LineChart(
        title: title, places: places, axis: "position in the text, from", lines: [LineChart.Line(name: "this bundle", style: "packed", values: parts.map { $0.number(key) ?? 0 })],
        least: least, most: most, isLogarithmic: isLogarithmic, format: format
      ).node
    }
    let agreement = parts.compactMap { $0.number("top1_agreement") }.min() ?? 0
    let isZero = parts.allSatisfy { $0.number("kl_mean") == 0 }
    let charts: Node = parts.isEmpty ? .nothing : .tag(
      "div", ["class": "charts"],
      chart("Mean KL divergence, nats", "kl_mean", least: nil, most: nil, isLogarithmic: !isZero) { Figures.short($0) },
      chart("Share of positions with the same best token", "top1_agreement", least: max(0, (10 * agreement - 0.5).rounded(.down) / 10), most: 1,
        isLogarithmic: false) { Figures.fixed($0, 3) })
    let numbers = Table(
      caption: "Over \(fidelity.integer("positions") ?? 0) positions", columns: [.text("measure"), .number("this bundle"), .number("the source")],
      rows: [
        ["KL divergence, mean (nats)", .figure(mean), ""], ["KL divergence, 99th percentile", .figure(fidelity.number("kl_p99")), ""],
        ["KL divergence, largest", .figure(fidelity.number("kl_max")), ""],
        ["same best token", fidelity.number("top1_agreement").map { .percent($0, 2) } ?? "–", ""],
        ["perplexity of the text", .figure(fidelity.number("perplexity")), .figure(fidelity.number("perplexity_source"))],
      ])
    return Section(
      id: "divergence", title: "Distributions",
      lead: "How far the target's next-token distributions are from those of the source's target on the same text: 0 is equal.",
      body: [charts, numbers.node])
  }
}
