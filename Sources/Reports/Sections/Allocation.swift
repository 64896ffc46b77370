internal import ByteStorage

extension Section {
  /// Types that were chosen for a pair, sizes against losses, and what each kind of matrix got.
  static func allocation(_ page: ReportPage) -> Section? {
    guard let allocation = page.allocation else { return nil }
    let points = allocation.list("frontier").compactMap(Point.init)
    // A recipe, and the choice of at most its size that stands beside it.
    let pairs = points.filter { !$0.isAllocated }.compactMap { made in
      points.last { $0.isAllocated && $0.byteCount <= made.byteCount }.map { (made: made, chosen: $0) }
    }
    var body: [Node] = []
    if pairs.count > 1 {
      body.append(
        LineChart(
          title: "Mean KL of the target by size, nats a token", places: pairs.map { Figures.bytes(Double($0.made.byteCount)) }, axis: "size of the bundle",
          lines: [
            LineChart.Line(name: "allocated", style: "packed", values: pairs.map(\.chosen.divergence)),
            LineChart.Line(name: "recipes of that size: \(pairs.map(\.made.name).joined(separator: ", "))", style: "source", values: pairs.map(\.made.divergence)),
          ], positions: pairs.map { Double($0.made.byteCount) }, isLogarithmic: true).node)
    }
    let chosen = Point(allocation.merging(name: "this choice"))
    body.append(
      Table(
        caption: "Sizes against losses", columns: [.text("choice"), .number("size"), .number("mean KL"), .number("same token"), .number("acceptance length")],
        rows: (points + [chosen].compactMap(\.self)).map { point in
          [.text(point.name), .bytes(point.byteCount), .figure(point.divergence), .percent(point.agreement), .figure(point.acceptance)]
        }).node)
    let groups = allocation.list("groups").sorted { ($0.number("loss") ?? 0) > ($1.number("loss") ?? 0) }
    if !groups.isEmpty {
      body.append(
        Table(
          caption: "The \(min(groups.count, shownGroups)) matrices that lose most, of \(groups.count)",
          columns: [.text("matrix"), .text("type"), .number("bytes"), .number("loss alone, nats a token")],
          rows: groups.prefix(shownGroups).map { group in
            let names = group.list("tensors").compactMap(\.string)
            let name = (names.first ?? "?").shortened(to: 80) + (names.count > 1 ? " and \(names.count - 1) more" : "")
            return [.text(name), .text((group.string("type") ?? "?").shortened(to: 16)), .bytes(group.integer("bytes") ?? 0), .figure(group.number("loss"))]
          }).node)
    }
    let tokens = allocation.integer("tokens").map { " on \($0) tokens" } ?? ""
    return Section(
      id: "allocation", title: "Types by what they cost",
      lead: "Each matrix was stored alone as each type, and what that loses was measured\(tokens). The choice loses least for its size; it was then measured as a whole.",
      body: body)
  }

  private static let shownGroups = 24

  /// A choice of types, measured.
  private struct Point {
    let name: String
    let byteCount: Int
    let divergence, agreement: Double
    let acceptance: Double?

    init?(_ value: JSONValue) {
      guard let name = value.string("name"), let bytes = value.integer("bytes"), bytes >= 0, let divergence = value.number("kl_mean") else { return nil }
      (self.name, byteCount, self.divergence) = (name.shortened(to: 40), bytes, divergence)
      (agreement, acceptance) = (value.number("top1_agreement") ?? 0, value.number("acceptance_length"))
    }

    var isAllocated: Bool { name == "allocated" }
  }
}

extension JSONValue {
  /// The object under a name.
  fileprivate func merging(name: String) -> JSONValue {
    guard var object else { return self }
    object["name"] = .string(name)
    return .object(object)
  }
}
