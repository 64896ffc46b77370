extension Section {
  /// How to get every number again.
  static func commands(_ page: ReportPage) -> Section? {
    guard !page.commands.isEmpty else { return nil }
    let items: [Node] = page.commands.flatMap { command -> [Node] in
      [.tag("dt", [:], .text(command.purpose)), .tag("dd", [:], .tag("pre", [:], .tag("code", [:], .text(command.line))))]
    }
    return Section(
      id: "commands", title: "How to repeat this", lead: "The same bundle and options give the same tokens and the same measures on any machine; only times differ.",
      body: [.tag("dl", ["class": "commands"], all: items)])
  }
}
