import ByteStorage

/// Numbers and tables for people.
enum Formatting {
  /// Bytes in decimal units: `13.48 GB`.
  static func bytes(_ count: Double) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB"]
    var (value, unit) = (count, 0)
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return "\(unit == 0 ? fixed(value, 0) : fixed(value, 2)) \(units[unit])"
  }

  static func bytes(_ count: Int) -> String { bytes(Double(count)) }

  /// Parameters in the units papers use: `6.74 B`, `1.24 M`.
  static func parameters(_ count: Int) -> String {
    switch count {
    case 1_000_000_000...: fixed(Double(count) / 1e9, 2) + " B"
    case 1_000_000...: fixed(Double(count) / 1e6, 2) + " M"
    default: "\(count)"
    }
  }

  /// A number with a fixed count of decimals.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % Int(scale))
    return "\(sign)\(scaled / Int(scale))." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// Three digits and a power of ten: `1.23e-04`.
  static func scientific(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    var (mantissa, exponent) = (abs(value), 0)
    while mantissa >= 9.995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 0.9995 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    let digits = String(abs(exponent))
    let power = (exponent < 0 ? "-" : "+") + (digits.count < 2 ? "0" : "") + digits
    return (value < 0 ? "-" : "") + fixed(mantissa, 2) + "e" + power
  }

  /// Columns as wide as their widest cell, two spaces apart; columns in `rightAligned` end together.
  static func table(_ rows: [[String]], rightAligned: Set<Int> = []) -> String {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : "  ") + (rightAligned.contains(column) ? padding + cell : cell + padding)
      }
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
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
