public import ByteStorage

/// A page about many bundles side by side, drawn from what `sweep --json` says.
public struct SweepPage: Sendable {
  private let list: String
  private let sweep: JSONValue

  /// - Parameter list: The list of rows as the user named it.
  public init(list: String, sweep: JSONValue) { (self.list, self.sweep) = (list, sweep) }

  /// The page.
  public var html: String {
    let rows = sweep.list("rows")
    let (done, isOK) = (sweep.integer("done") ?? 0, sweep["ok"]?.bool == true)
    let name = list.split(separator: "/").last.map(String.init) ?? list
    let header: Node = .tag(
      "header", ["class": isOK ? "holds" : "plain"], .tag("h1", [:], .text(name.shortened(to: 80))),
      .tag("p", ["class": "verdict"], .text("\(done) of \(rows.count) bundles are done\(isOK ? ", and all are in order" : "").")))
    let results = Section(
      id: "results", title: "Bundles side by side",
      lead: "Each is held against its own source on the same prompts and text. Mean KL is of the target's distributions, in nats a token; acceptance lengths are tokens a cycle.",
      body: [table(rows)])
    let errors = rows.compactMap { row in row.string("error").map { (row.string("name") ?? "?", $0) } }
    let failures = errors.isEmpty ? nil : Section(
      id: "errors", title: "What went wrong", lead: "These rows have no bundle, or none that could be verified.",
      body: [Table(caption: "Errors", columns: [.text("name"), .text("error")], rows: errors.map { [.text($0.shortened(to: 200)), .text($1.shortened(to: 500))] }).node])
    return PageFrame.html(title: "\(name): sweep", header: header, sections: [results] + [failures].compactMap(\.self))
  }

  private func table(_ rows: [JSONValue]) -> Node {
    Table(
      caption: "\(rows.count) rows of the list",
      columns: [
        .text("name"), .number("size"), .text("digest"), .number("mean KL"), .number("same token"), .number("acceptance length"), .number("the source's"), .text("verdict"),
      ],
      rows: rows.map { row in
        let isBad = row["ok"]?.bool == false
        let verdict = row.string("error") != nil ? "error" : row.string("digest") == nil ? "not done" : isBad ? "fails" : row.string("verdict") ?? "not verified"
        return [
          .text((row.string("name") ?? "?").shortened(to: 200)), row.integer("bytes").map { .bytes($0) } ?? "",
          .tag("code", [:], .text(String((row.string("digest") ?? "").prefix(12)))), row.number("kl_mean").map { .figure($0) } ?? "",
          row.number("top1_agreement").map { .percent($0) } ?? "", row.number("acceptance_length").map { .figure($0) } ?? "",
          row.number("acceptance_length_source").map { .figure($0) } ?? "", .text(verdict),
        ]
      }).node
  }
}
