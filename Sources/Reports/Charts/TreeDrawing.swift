internal import ByteStorage

/// A drafted tree from left to right, a chip a node: what was accepted runs straight along the top.
struct TreeDrawing {
  struct Node {
    let text: String
    /// Of the whole path down to it, as the draft sees it.
    let probability: Double
    let parent: Int
    let isAccepted: Bool
  }

  /// Root first; parents come before their children.
  let nodes: [Node]

  /// More than these are not drawn: the least likely are left out.
  private static let most = 64
  private static let deepest = 10
  private static let (chip, column, row, height) = (100.0, 120.0, 19.0, 16.0)

  /// Nodes that are drawn, and how many are not.
  private var drawn: (nodes: Set<Int>, rest: Int) {
    var depths: [Int] = []
    for node in nodes { depths.append(node.parent < 0 ? 0 : depths[node.parent] + 1) }
    let ranked = nodes.indices.filter { depths[$0] <= TreeDrawing.deepest }.sorted { left, right in
      let (l, r) = (nodes[left], nodes[right])
      return (l.isAccepted ? 0 : 1, -l.probability, left) < (r.isAccepted ? 0 : 1, -r.probability, right)
    }
    var kept: Set<Int> = []
    // A parent is at least as likely as its child, so it is there already, but for equal ones.
    for index in ranked.prefix(TreeDrawing.most).sorted() where nodes[index].parent < 0 || kept.contains(nodes[index].parent) { kept.insert(index) }
    return (kept, nodes.count - kept.count)
  }

  func node(title: String, description: String) -> Reports.Node {
    let (kept, rest) = drawn
    var children: [Int: [Int]] = [:]
    for index in nodes.indices where kept.contains(index) && nodes[index].parent >= 0 { children[nodes[index].parent, default: []].append(index) }
    var places: [Int: (depth: Int, row: Int)] = [:]
    var nextRow = 0
    // Depth first, without recursion: the first child stands in its parent's row.
    var waiting: [(index: Int, depth: Int, isFirst: Bool)] = nodes.isEmpty ? [] : [(0, 0, false)]
    while let (index, depth, isFirst) = waiting.popLast() {
      if !isFirst { nextRow += 1 }
      places[index] = (depth, nextRow - 1)
      let below = (children[index] ?? []).sorted { left, right in
        let (l, r) = (nodes[left], nodes[right])
        return (l.isAccepted ? 0 : 1, -l.probability, left) < (r.isAccepted ? 0 : 1, -r.probability, right)
      }
      for (rank, child) in below.enumerated().reversed() { waiting.append((child, depth + 1, rank == 0)) }
    }
    let deepest = places.values.map(\.depth).max() ?? 0
    let width = Double(deepest) * TreeDrawing.column + TreeDrawing.chip + 4
    var drawing = Drawing(
      title: title, description: description, width: width, height: Double(max(nextRow, 1)) * TreeDrawing.row + 4, style: "tree")
    for index in places.keys.sorted() where nodes[index].parent >= 0 {
      guard let place = places[index], let parent = places[nodes[index].parent] else { continue }
      let (from, to) = (point(parent), point(place))
      let (x, middle) = (from.x + TreeDrawing.chip, to.x - 10)
      drawing.path(
        "M\(coordinates(x, from.y))H\(Figures.coordinate(middle))V\(Figures.coordinate(to.y))H\(Figures.coordinate(to.x))",
        nodes[index].isAccepted ? "link accepted" : "link")
    }
    for index in places.keys.sorted() {
      guard let place = places[index] else { continue }
      draw(nodes[index], at: point(place), in: &drawing)
    }
    let note: Reports.Node = rest == 0 ? .nothing : .tag("p", ["class": "note"], .text("\(rest) less likely nodes are not drawn."))
    return .group([.tag("div", ["class": "scroll tree", "style": "--width:\(Int(width))px"], drawing.node), note])
  }

  private func draw(_ node: Node, at place: (x: Double, y: Double), in drawing: inout Drawing) {
    let top = place.y - TreeDrawing.height / 2
    drawing.rectangle(place.x, top, TreeDrawing.chip, TreeDrawing.height, node.isAccepted ? "chip accepted" : "chip", ["rx": "3"])
    drawing.rectangle(
      place.x, top + TreeDrawing.height - 2.5, TreeDrawing.chip * min(max(node.probability, 0), 1), 2.5, node.isAccepted ? "fill accepted" : "fill")
    let mark = node.isAccepted ? "✓ " : ""
    drawing.text(mark + Escaping.token(node.text).shortened(to: node.isAccepted ? 7 : 9), place.x + 5, place.y + 3, "token")
    let share = node.parent < 0 ? "root" : node.probability < 0.001 ? "<.1%" : Figures.fixed(100 * node.probability, node.probability < 0.0995 ? 1 : 0) + "%"
    drawing.text(share, place.x + TreeDrawing.chip - 4, place.y + 3, "share", anchor: "end")
  }

  private func point(_ place: (depth: Int, row: Int)) -> (x: Double, y: Double) {
    (2 + Double(place.depth) * TreeDrawing.column, 2 + (Double(place.row) + 0.5) * TreeDrawing.row)
  }

  private func coordinates(_ x: Double, _ y: Double) -> String { "\(Figures.coordinate(x)) \(Figures.coordinate(y))" }
}
