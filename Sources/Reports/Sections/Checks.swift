internal import ByteStorage

extension Section {
  private static let mostChecks = 60

  /// Every check, and every quantity that was judged with its interval.
  static func checks(_ page: ReportPage) -> Section? {
    guard let verification = page.verification else { return nil }
    let all = verification.list("checks")
    let rows: [[Node]] = all.prefix(mostChecks).map { check in
      let isOK = check["ok"]?.bool == true
      return [.text(check.string("name") ?? ""), mark(isOK ? "holds" : "fails", isOK ? "✓ ok" : "✗ failed"), .text(check.string("detail") ?? "")]
    }
    var body = [Table(caption: "Checks", columns: [.text("check"), .text("result"), .text("what was found")], rows: rows).node]
    if all.count > mostChecks { body.append(.tag("p", ["class": "note"], .text("\(all.count - mostChecks) more checks are in the JSON document."))) }
    if let table = judgements(verification) { body.append(table) }
    return Section(
      id: "checks", title: "Checks", lead: "What was asked of the bundle, and what came of it.", body: body)
  }

  private static func judgements(_ verification: JSONValue) -> Node? {
    guard let fidelity = verification["fidelity"], !fidelity.isNull else { return nil }
    let rows: [[Node]] = fidelity.list("judgements").compactMap { judgement in
      guard let name = judgement.string("name"), let value = judgement.number("value"), let limit = judgement.number("limit"),
        let verdict = judgement.string("verdict")
      else { return nil }
      let interval = judgement.list("interval").map { $0.double.flatMap { $0.isFinite ? $0 : nil } }
      let (low, high) = (interval.first ?? nil, interval.dropFirst().first ?? nil)
      let isUpper = judgement.string("side") != "at_least"
      let strip = IntervalStrip(
        name: title(of: name), value: value, low: low, high: high, limit: limit, isUpperLimit: isUpper, verdict: verdict)
      return [
        .text(title(of: name)), strip.node, mark(verdict, words[verdict] ?? verdict), .figure(value),
        .group([.figure(low), " to ", .figure(high)]), .group([.text(isUpper ? "at most " : "at least "), .figure(limit)]),
      ]
    }
    guard !rows.isEmpty else { return nil }
    return .group([
      .tag("h3", [:], "Against the source"),
      .tag("p", [:], "The thick mark is the value, the bar its 99 % interval, the thin line the limit; the shaded side is allowed. A quantity holds or fails only where its whole interval lies on one side."),
      Table(
        caption: "What was judged against the source",
        columns: [
          .text("quantity"), .drawing("drawn"), .text("verdict"), .number("value"), .number("99 % interval"), .number("allowed"),
        ], rows: rows).node,
    ])
  }

  private static let words = ["holds": "✓ holds", "fails": "✗ fails", "undecided": "? undecided"]

  static func mark(_ style: String, _ text: String) -> Node { .tag("span", ["class": "mark-\(["holds", "fails"].contains(style) ? style : "undecided")"], .text(text)) }

  private static func title(of name: String) -> String {
    switch name {
    case "kl_mean": "KL divergence, mean"
    case "kl_p99": "KL divergence, 99th percentile"
    case "kl_max": "KL divergence, largest"
    case "top1_agreement": "same best token"
    case "perplexity": "perplexity, ratio to the source's"
    case "acceptance_length": "acceptance length, ratio to the source's"
    case "misaligned_token_rate": "misaligned tokens, less the source's"
    default: name
    }
  }
}
