import ByteStorage
import Reports

/// Numbers and tables for people.
enum Formatting {
  static func bytes(_ count: Double) -> String { Figures.bytes(count) }
  static func bytes(_ count: Int) -> String { Figures.bytes(Double(count)) }
  static func parameters(_ count: Int) -> String { Figures.parameters(count) }
  static func fixed(_ value: Double, _ decimals: Int) -> String { Figures.fixed(value, decimals) }
  static func scientific(_ value: Double) -> String { Figures.scientific(value) }

  /// The width that text is laid out for.
  static let width = 80

  /// Columns as wide as their widest cell, two spaces apart; columns in `rightAligned` end together. Text in the last column goes on
  /// below itself where it does not fit.
  /// - Parameter foldedAt: The column that begins a second line in every row, where rows are wider than `width`; nil where they stay whole.
  static func table(_ rows: [[String]], rightAligned: Set<Int> = [], foldedAt: Int? = nil) -> String {
    let widths = widths(rows)
    if let fold = foldedAt, widths.reduce(-2, { $0 + $1 + 2 }) > width {
      let below = rows.map { Array($0.dropFirst(fold)) }
      let belowAligned = Set(rightAligned.compactMap { $0 >= fold ? $0 - fold : nil })
      let (names, rest) = (table(rows.map { Array($0.prefix(fold)) }), table(below, rightAligned: belowAligned))
      return zip(lines(names), lines(rest)).map { "\($0)\n  \($1)" }.joined(separator: "\n")
    }
    // Where the last column begins.
    let indent = widths.dropLast().reduce(0) { $0 + $1 + 2 }
    let wraps = !rightAligned.contains(widths.count - 1) && indent + 24 <= width
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        if wraps, column > 0, column == widths.count - 1 {
          line += "  " + wrapped(cell, to: width - indent).joined(separator: "\n" + String(repeating: " ", count: indent))
          continue
        }
        line += (column == 0 ? "" : "  ") + (rightAligned.contains(column) ? padding + cell : cell + padding)
      }
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  private static func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

  /// Characters of the widest cell of each column.
  private static func widths(_ rows: [[String]]) -> [Int] {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    return widths
  }

  /// A text as lines that fit, all but the first of them indented.
  static func paragraph(_ text: String) -> String { wrapped(text, to: width - 2).joined(separator: "\n  ") }

  /// Lines of a text, broken at single spaces; a word that is longer than a line has one of its own.
  static func wrapped(_ text: String, to width: Int) -> [String] {
    guard text.count > width else { return [text] }
    var lines = [""]
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let last = lines.count - 1
      if lines[last].isEmpty {
        lines[last] = String(word)
      } else if lines[last].count + 1 + word.count <= width {
        lines[last] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  /// Type counts, most frequent first: `f16 ×38, f32 ×9`.
  static func types(_ histogram: [String: Int]) -> String {
    histogram.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map { "\($0.key) ×\($0.value)" }.joined(separator: ", ")
  }

  /// The sizes that a model is known by.
  static func shape(_ config: JSONObject) -> String {
    func number(_ key: String) -> String { config[key]?.integer.map(String.init) ?? "?" }
    // An EAGLE-3 draft: which states of its target it reads, by which rule.
    var own = ""
    if let rule = config["eagle_tap_rule"]?.string {
      let layers = config["eagle_aux_hidden_state_layer_ids"]?.array?.compactMap(\.integer).map(String.init).joined(separator: ", ")
      own = ", own vocabulary \(number("draft_vocab_size")), taps: \(layers.map { "\(rule) \($0)" } ?? "inputs of layers 2, n/2, n-3")"
    }
    return "\(number("num_hidden_layers")) layers, hidden \(number("hidden_size")), heads \(number("num_attention_heads"))/"
      + "\(number("num_key_value_heads")), feed-forward \(number("intermediate_size")), vocabulary \(number("vocab_size"))\(own)"
  }
}
