/// A table with a caption and headings, so that a screen reader can say what a cell is about.
struct Table {
  struct Column {
    let title: String
    var isNumber = false
    /// Whether the column holds a drawing and takes the room that is left.
    var isWide = false

    static func text(_ title: String) -> Column { Column(title: title) }
    static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
    static func drawing(_ title: String) -> Column { Column(title: title, isWide: true) }
  }

  let caption: String
  let columns: [Column]
  /// The first cell of a row is its heading.
  let rows: [[Node]]

  var node: Node {
    .tag(
      "div", ["class": "scroll"],
      .tag(
        "table", ["class": columns.contains { $0.isWide } ? "full" : "own"], .tag("caption", [:], .text(caption)),
        .tag("thead", [:], .tag("tr", [:], all: columns.map { .tag("th", ["scope": "col", "class": style($0)], .text($0.title)) })),
        .tag("tbody", [:], all: rows.map(row))))
  }

  private func row(_ cells: [Node]) -> Node {
    .tag("tr", [:], all: zip(columns, cells).enumerated().map { index, pair in
      index == 0
        ? .tag("th", ["scope": "row", "class": style(pair.0)], pair.1) : .tag("td", ["class": style(pair.0)], pair.1)
    })
  }

  private func style(_ column: Column) -> String { column.isNumber ? "number" : column.isWide ? "wide" : "plain" }

  /// The table behind a drawing, folded away on screens.
  var behindDrawing: Node { .tag("details", [:], .tag("summary", [:], "The numbers"), node) }
}
