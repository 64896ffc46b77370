/// What every page has around its sections.
enum PageFrame {
  static func html(title: String, header: Node, sections: [Section]) -> String {
    let head: Node = .tag(
      "head", [:], .tag("meta", ["charset": "utf-8"]),
      .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      .tag("meta", ["name": "color-scheme", "content": "light dark"]),
      .tag("meta", ["name": "generator", "content": "griffin"]),
      .tag("title", [:], .text(title)),
      .tag("style", [:], .constant(Style.sheet)))
    let contents: Node = .tag("nav", ["aria-label": "Sections"], .tag("ul", [:], all: sections.map { section in
      .tag("li", [:], .tag("a", ["href": "#\(section.id)"], .text(section.title)))
    }))
    let body: Node = .tag(
      "body", [:],
      .tag("a", ["class": "skip", "href": "#main"], "To the content"), header, contents,
      .tag("main", ["id": "main"], all: sections.map(\.node)), footer)
    return "<!DOCTYPE html>\n" + Node.tag("html", ["lang": "en"], head, "\n", body).html + "\n"
  }

  private static var footer: Node {
    .tag("footer", [:], .tag("p", [:], "Made by griffin, from the documents that its commands give with --json. Numbers are rounded for reading; each carries its exact value."))
  }
}
