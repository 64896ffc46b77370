/// Lines over a few places: at most two, told apart by mark and dash as well as by colour.
struct LineChart {
  struct Line {
    let name: String
    /// `packed` or `source`: how it is drawn.
    let style: String
    let values: [Double]
  }

  let title: String
  let places: [String]
  /// What the places are.
  let axis: String
  let lines: [Line]
  /// Where the places stand, in their own unit; nil puts them at equal distances.
  var positions: [Double]?
  /// The ends of the scale; nil takes zero, and a round number above all.
  var least: Double?
  var most: Double?
  /// Whether the scale is logarithmic, over at most six powers of ten.
  var isLogarithmic = false
  /// What is to be said below.
  var note = ""
  var format: @Sendable (Double) -> String = { Figures.short($0) }

  private static let (width, height) = (380.0, 236.0)
  private static let (left, right, top, bottom) = (46.0, 14.0, 14.0, 44.0)

  var node: Node {
    let words = lines.map { line in
      "\(line.name): " + zip(places, line.values).map { "\($0) \(format($1))" }.joined(separator: ", ")
    }.joined(separator: "; ")
    var drawing = Drawing(title: title, description: words, width: LineChart.width, height: LineChart.height)
    for mark in scale.marks {
      let y = y(mark)
      drawing.line(LineChart.left, y, LineChart.width - LineChart.right, y, "grid")
      drawing.text(Figures.mark(mark), LineChart.left - 6, y + 4, "label", anchor: "end")
    }
    // Labels that would run into each other are left out.
    var end = -Double.infinity
    for (index, place) in places.enumerated() {
      let half = Double(place.count) * 3.4 + 3
      guard x(index) - half >= end else { continue }
      drawing.text(place, x(index), LineChart.height - LineChart.bottom + 18, "label", anchor: "middle")
      end = x(index) + half
    }
    drawing.text(axis, (LineChart.left + LineChart.width - LineChart.right) / 2, LineChart.height - 6, "label axis", anchor: "middle")
    // The one that all is about lies on top.
    for line in lines.reversed() { draw(line, in: &drawing) }
    return .tag("figure", [:], .tag("figcaption", [:], .text(title)), drawing.node, legend, note.isEmpty ? .nothing : .tag("p", ["class": "note"], .text(note)),
      table.behindDrawing)
  }

  private func draw(_ line: Line, in drawing: inout Drawing) {
    let points = line.values.prefix(places.count).enumerated().map { (x: x($0.offset), y: y($0.element)) }
    guard let first = points.first else { return }
    func pair(_ point: (x: Double, y: Double)) -> String { "\(Figures.coordinate(point.x)) \(Figures.coordinate(point.y))" }
    drawing.path("M" + pair(first) + points.dropFirst().map { "L" + pair($0) }.joined(), "line \(line.style)")
    for point in points {
      if line.style == "source" {
        drawing.rectangle(point.x - 3, point.y - 3, 6, 6, "mark source")
      } else {
        drawing.shapes.append(.tag("circle", [
          "cx": Figures.coordinate(point.x), "cy": Figures.coordinate(point.y), "r": "3.6", "class": "mark packed",
        ]))
      }
    }
  }

  private var legend: Node {
    guard lines.count > 1 else { return .nothing }
    return .tag("p", ["class": "legend"], all: lines.map { line in
      .tag("span", [:], .tag("span", ["class": "key \(line.style)", "aria-hidden": "true"], .text(line.style == "source" ? "■" : "●")), .text(" \(line.name)"))
    })
  }

  private var table: Table {
    Table(
      caption: title, columns: [.text(axis)] + lines.map { .number($0.name) },
      rows: places.indices.map { place in
        [.text(places[place])] + lines.map { place < $0.values.count ? .figure($0.values[place], format($0.values[place])) : "–" }
      })
  }

  private func x(_ index: Int) -> Double {
    let width = LineChart.width - LineChart.left - LineChart.right
    guard places.count > 1 else { return LineChart.left + width / 2 }
    var share = Double(index) / Double(places.count - 1)
    if let positions, let first = positions.first, let last = positions.last, last > first { share = (positions[index] - first) / (last - first) }
    return LineChart.left + width * (0.04 + 0.92 * share)
  }

  private func y(_ value: Double) -> Double {
    let height = LineChart.height - LineChart.top - LineChart.bottom
    return LineChart.top + height * (1 - min(max(scale.share(of: value), 0), 1))
  }

  private var scale: Scale { Scale(lines.flatMap(\.values), least: least ?? 0, most: most, isLogarithmic: isLogarithmic) }
}
