internal import ByteStorage

extension Section {
  /// What passes cost on the machine that the tree was chosen on.
  static func costs(_ page: ReportPage) -> Section? {
    guard let tuning = page.tuning else { return nil }
    func line(_ key: String, _ name: String, _ style: String) -> (line: LineChart.Line, places: [String])? {
      let points = tuning.members(key).compactMap { member in member.value.double.map { (member.key, 1000 * $0) } }.prefix(40)
      guard !points.isEmpty, zip(points, points.dropFirst()).allSatisfy({ Double($0.0) ?? 0 < Double($1.0) ?? 0 }) else { return nil }
      return (LineChart.Line(name: name, style: style, values: points.map(\.1)), points.map { $0.0.shortened(to: 6) })
    }
    let charts: [Node] = [
      ("pass_seconds", "A pass of the target, milliseconds", "nodes of the tree"), ("draft_pass_seconds", "A pass of the draft, milliseconds", "beams"),
    ].compactMap { key, title, axis in
      line(key, "milliseconds", "packed").map { LineChart(title: title, places: $0.places, axis: axis, lines: [$0.line], positions: $0.places.map { Double($0) ?? 0 }).node }
    }
    var rows: [[Node]] = [
      ["nodes of a tree, at most", tuning.integer("total_tokens").map { .count($0) } ?? "–"],
      ["draft passes after the first", tuning.integer("depth").map { .count($0) } ?? "–"],
      ["beams of a pass", tuning.integer("top_k").map { .count($0) } ?? "–"],
    ]
    if let speedup = tuning.number("measured_speedup") { rows.append(["measured, times plain decoding", .figure(speedup)]) }
    if let seconds = tuning.number("plain_token_seconds") { rows.append(["a token of plain decoding, milliseconds", .figure(1000 * seconds)]) }
    let isOwn = tuning.string("digest") == page.inspection.string("digest")
    return Section(
      id: "costs", title: "Costs on the tuned machine",
      lead: "What griffin tune measured, and the tree that it chose" + (isOwn ? "." : ", for another bundle than this one."),
      body: [
        .tag("div", ["class": "charts"], all: charts), Table(caption: "The tree that was chosen", columns: [.text("what"), .number("value")], rows: rows).node,
      ])
  }
}
