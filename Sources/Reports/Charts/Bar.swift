/// A horizontal bar that fills a share of its cell; a second one below it is what the first is held against.
enum Bar {
  /// - Parameter label: What the bar says in words.
  static func node(_ share: Double, source: Double? = nil, style: String = "packed", label: String) -> Node {
    var drawing = Drawing(
      title: label, description: "", width: 100, height: source == nil ? 10 : 18, style: source == nil ? "bar" : "bar two", isStretched: true)
    drawing.rectangle(0, 0, 100, 10, "track")
    drawing.rectangle(0, 0, 100 * min(max(share, 0), 1), source == nil ? 10 : 9, style)
    if let source {
      drawing.rectangle(0, 10, 100, 8, "track")
      drawing.rectangle(0, 10, 100 * min(max(source, 0), 1), 8, "source")
    }
    return drawing.node
  }
}

/// Parts of a whole on one strip, in the order they are given.
struct Strip {
  /// A part and the number of its shade.
  var parts: [(name: String, share: Double, shade: Int)] = []

  func node(title: String) -> Node {
    let words = parts.map { "\($0.name) \(Figures.percent($0.share))" }.joined(separator: ", ")
    var drawing = Drawing(title: title, description: words, width: 1000, height: 28, style: "strip", isStretched: true)
    var x = 0.0
    for part in parts {
      let width = 1000 * part.share
      drawing.rectangle(x, 0, max(width - 2, min(width, 1)), 28, "shade\(part.shade)")
      x += width
    }
    return drawing.node
  }
}
