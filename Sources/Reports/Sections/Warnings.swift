internal import ByteStorage

extension Section {
  private static let mostWarnings = 40

  static func warnings(_ page: ReportPage) -> Section? {
    var seen: Set<String> = []
    let all = (page.inspection.list("warnings") + (page.verification?.list("warnings") ?? [])).compactMap(\.string).filter { seen.insert($0).inserted }
    guard !all.isEmpty else { return nil }
    let rest = all.count > mostWarnings ? [Node.tag("li", [:], .text("and \(all.count - mostWarnings) more"))] : []
    return Section(
      id: "warnings", title: "Warnings", lead: "What you should know and no check says.",
      body: [.tag("ul", [:], all: all.prefix(mostWarnings).map { .tag("li", [:], .text($0)) } + rest)])
  }
}
