internal import ByteStorage

extension Section {
  private static let mostFindings = 20

  /// Causes that were found for what is wrong, the weightiest first.
  static func diagnosis(_ page: ReportPage) -> Section? {
    let findings = page.verification?.list("diagnosis") ?? []
    guard !findings.isEmpty else { return nil }
    let items: [Node] = findings.prefix(mostFindings).map { finding in
      .tag(
        "li", [:], .tag("h3", [:], .text(finding.string("cause") ?? "a cause without a name")),
        finding.string("evidence").map { .tag("p", [:], .text($0)) } ?? .nothing,
        finding.string("remedy").map { .tag("p", ["class": "remedy"], .tag("strong", [:], "What to do: "), .text($0)) } ?? .nothing)
    }
    return Section(
      id: "diagnosis", title: "Diagnosis", lead: "Causes that experiments point to, the weightiest first.",
      body: [.tag("ol", ["class": "findings"], all: items)])
  }
}
