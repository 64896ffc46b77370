internal import ByteStorage

extension Section {
  private static let mostTexts = 6
  private static let mostTokens = 400

  /// What was generated, with what the draft proposed marked.
  static func texts(_ page: ReportPage) -> Section? {
    let cases = (page.verification?.list("cases") ?? []).filter { !$0.list("pieces").isEmpty && !$0.list("accept_lengths").isEmpty }
    guard !cases.isEmpty else { return nil }
    let body: [Node] = cases.prefix(mostTexts).map { item in
      .tag("figure", ["class": "text"], .tag("figcaption", [:], .text((item.string("name") ?? "").shortened(to: 80))), .tag("p", ["class": "generated"], all: spans(item)))
    }
    let rest = cases.count > mostTexts ? [Node.tag("p", ["class": "note"], .text("\(cases.count - mostTexts) more texts are in the JSON document."))] : []
    return Section(
      id: "texts", title: "What was generated",
      lead: "Underlined tokens were proposed by the draft and accepted; the others are the target's own, one at the start of every cycle. A bar stands between cycles.",
      body: body + rest)
  }

  /// Runs of tokens of one kind, cycle by cycle.
  private static func spans(_ item: JSONValue) -> [Node] {
    let pieces = item.list("pieces").map { ($0.string ?? "").split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "⏎\n") }
    var (nodes, next): ([Node], Int) = ([], 0)
    for accepted in item.integers("accept_lengths") where next < min(pieces.count, mostTokens) {
      if next > 0 { nodes.append(.tag("span", ["class": "cycle", "aria-hidden": "true"], "|")) }
      nodes.append(.text(pieces[next]))
      let drafted = pieces[min(next + 1, pieces.count)..<min(next + 1 + max(accepted, 0), pieces.count)].joined()
      if !drafted.isEmpty {
        // What is nothing but room is seen all the same.
        let isBlank = drafted.unicodeScalars.allSatisfy(\.properties.isWhitespace)
        nodes.append(.tag("u", ["class": "drafted"], .text(isBlank ? String(repeating: "␣", count: drafted.count) : drafted)))
      }
      next += 1 + max(accepted, 0)
    }
    if pieces.count > mostTokens { nodes.append(" …") }
    return nodes
  }
}
