/// A table whose cells are tinted by their value, the value standing in each.
struct Grid {
  let caption: String
  /// What a row is, and the headings of the columns.
  let corner: String
  let columns: [String]
  /// A heading and, for each column, a value or nothing.
  let rows: [(name: String, values: [Double?])]

  /// Tints from faint to strong.
  private static let tints = 6

  var node: Node {
    let known = rows.flatMap(\.values).compactMap(\.self).filter { $0 > 0 }
    let scale = Scale(known, most: nil, isLogarithmic: true)
    return .tag(
      "div", ["class": "scroll"],
      .tag(
        "table", ["class": "grid"], .tag("caption", [:], .text(caption)),
        .tag("thead", [:], .tag("tr", [:], all: ([corner] + columns).map { .tag("th", ["scope": "col"], .text($0)) })),
        .tag("tbody", [:], all: rows.map { row in
          .tag("tr", [:], all: [.tag("th", ["scope": "row"], .text(row.name))] + row.values.map { cell($0, scale) })
        })))
  }

  private func cell(_ value: Double?, _ scale: Scale) -> Node {
    guard let value else { return .tag("td", ["class": "none"], "–") }
    let tint = min(max(Int(scale.share(of: value) * Double(Grid.tints)), 0), Grid.tints - 1)
    return .tag("td", ["class": "tint\(tint)"], .figure(value, Grid.text(value)))
  }

  /// A percentage in as few digits as tell it.
  private static func text(_ share: Double) -> String {
    let percent = 100 * share
    return percent == 0 ? "0" : percent < 0.01 ? "<.01" : Figures.fixed(percent, percent < 0.1 ? 3 : percent < 1 ? 2 : percent < 10 ? 1 : 0)
  }
}
