import Foundation

/// What a page is held against, without a browser: that every element ends where it should, that no text became markup, and that
/// nothing is asked of a network.
struct PageChecker {
  private(set) var problems: [String] = []
  /// Exact values of numbers, in the page's order.
  private(set) var values: [String] = []
  /// Elements by name.
  private(set) var counts: [String: Int] = [:]
  /// Text outside of tags.
  private(set) var text = ""
  private(set) var ids: [String] = []
  private(set) var links: [String] = []

  private static let voidNames: Set<String> = ["meta", "br", "col"]
  private static let names: Set<String> = [
    "html", "head", "meta", "title", "style", "body", "a", "header", "nav", "main", "footer", "section", "h1", "h2", "h3", "p", "ul", "ol", "li",
    "b", "strong", "span", "code", "pre", "u", "dl", "dt", "dd", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "details",
    "summary", "figure", "figcaption", "svg", "desc", "rect", "line", "path", "circle", "text",
  ]

  init(_ page: String) {
    guard page.hasPrefix("<!DOCTYPE html>\n") else {
      problems.append("no doctype")
      return
    }
    var rest = page.dropFirst("<!DOCTYPE html>\n".count)
    var open: [String] = []
    while let start = rest.firstIndex(of: "<") {
      take(rest[..<start], in: open.last)
      guard let end = rest[start...].firstIndex(of: ">") else {
        problems.append("a tag without an end")
        return
      }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("/") {
        let name = String(tag.dropFirst())
        if open.popLast() != name { problems.append("</\(name)> ends another element") }
        continue
      }
      let name = String(tag.prefix { $0 != " " })
      if !PageChecker.names.contains(name) { problems.append("<\(name)> is not of this page") }
      counts[name, default: 0] += 1
      attributes(tag.dropFirst(name.count), of: name)
      if name == "style" {
        // A style sheet is a constant.
        guard let close = rest.range(of: "</style>") else {
          problems.append("a style sheet without an end")
          return
        }
        rest = rest[close.upperBound...]
      } else if !PageChecker.voidNames.contains(name) {
        open.append(name)
      }
    }
    take(rest, in: nil)
    if !open.isEmpty { problems.append("open at the end: \(open)") }
    if Set(ids).count != ids.count { problems.append("an id twice") }
    for link in links where !ids.contains(String(link.dropFirst())) || !link.hasPrefix("#") { problems.append("a link to \(link)") }
  }

  private mutating func take(_ text: Substring, in element: String?) {
    if text.contains("\"") || text.contains(">") { problems.append("unescaped text: \(text.prefix(40))") }
    for scalar in text.unicodeScalars where scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t" {
      problems.append("a control character \(scalar.value)")
    }
    if element == nil, !text.allSatisfy(\.isWhitespace) { problems.append("text outside of elements") }
    self.text += text
  }

  private mutating func attributes(_ text: Substring, of element: String) {
    var rest = text
    while !rest.isEmpty {
      guard rest.first == " ", let equals = rest.firstIndex(of: "="), rest[rest.index(after: equals)...].first == "\"" else {
        return problems.append("attributes of \(element): \(rest.prefix(40))")
      }
      let name = rest[rest.index(after: rest.startIndex)..<equals]
      let start = rest.index(equals, offsetBy: 2)
      guard let end = rest[start...].firstIndex(of: "\"") else { return problems.append("attributes of \(element)") }
      let value = String(rest[start..<end])
      rest = rest[rest.index(after: end)...]
      if name.hasPrefix("on") || ["src", "srcset", "action"].contains(name) { problems.append("\(name) in \(element)") }
      if name == "data-value" { values.append(value) }
      if name == "id" { ids.append(value) }
      if name == "href" { links.append(value) }
    }
  }
}
