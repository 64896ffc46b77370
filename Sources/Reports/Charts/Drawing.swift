/// A vector drawing with a title and a description for those who do not see it.
struct Drawing {
  let title: String
  let description: String
  let width: Double
  let height: Double
  var style = "chart"
  /// Whether it is stretched to the room it has; shapes in it are then bars, and text stands outside.
  var isStretched = false
  var shapes: [Node] = []

  var node: Node {
    var attributes: [(StaticString, String)] = [
      ("viewBox", "0 0 \(Figures.coordinate(width)) \(Figures.coordinate(height))"), ("class", style), ("role", "img"),
    ]
    if isStretched { attributes.append(("preserveAspectRatio", "none")) }
    let texts: [Node] = [.tag("title", [:], .text(title))] + (description.isEmpty ? [] : [.tag("desc", [:], .text(description))])
    return .element("svg", attributes, texts + shapes)
  }

  mutating func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, _ more: KeyValuePairs<StaticString, String> = [:]) {
    guard width > 0, height > 0 else { return }
    let place: [(StaticString, String)] = [
      ("x", Figures.coordinate(x)), ("y", Figures.coordinate(y)), ("width", Figures.coordinate(width)), ("height", Figures.coordinate(height)),
      ("class", style),
    ]
    shapes.append(.element("rect", place + more.map { ($0.key, $0.value) }, []))
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
    shapes.append(.tag("line", [
      "x1": Figures.coordinate(x1), "y1": Figures.coordinate(y1), "x2": Figures.coordinate(x2), "y2": Figures.coordinate(y2), "class": style,
    ]))
  }

  mutating func path(_ data: String, _ style: String) { shapes.append(.tag("path", ["d": data, "class": style])) }

  mutating func text(_ content: String, _ x: Double, _ y: Double, _ style: String = "label", anchor: String = "start") {
    shapes.append(.tag(
      "text", ["x": Figures.coordinate(x), "y": Figures.coordinate(y), "class": style, "text-anchor": anchor], .text(content)))
  }
}
