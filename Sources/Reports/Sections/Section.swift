/// A part of the page under a heading.
struct Section {
  /// Its place in the page, for links.
  let id: StaticString
  let title: String
  /// One or two sentences on what is shown and how to read it.
  let lead: String
  let body: [Node]

  var node: Node {
    .tag(
      "section", ["id": "\(id)", "aria-labelledby": "\(id)-title"], .tag("h2", ["id": "\(id)-title"], .text(title)),
      .tag("p", ["class": "lead"], .text(lead)), .group(body))
  }
}
