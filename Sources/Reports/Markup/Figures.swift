/// Numbers for people.
public enum Figures {
  /// Bytes in decimal units: `13.48 GB`.
  public static func bytes(_ count: Double) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB"]
    var (value, unit) = (count, 0)
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return "\(unit == 0 ? fixed(value, 0) : fixed(value, 2)) \(units[unit])"
  }

  /// Parameters in the units papers use: `6.74 B`, `1.24 M`.
  public static func parameters(_ count: Int) -> String {
    switch count {
    case 1_000_000_000...: fixed(Double(count) / 1e9, 2) + " B"
    case 1_000_000...: fixed(Double(count) / 1e6, 2) + " M"
    default: "\(count)"
    }
  }

  /// A number with a fixed count of decimals.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    guard value.isFinite, abs(value) * scale < 1e18 else { return "\(value)" }
    let scaled = Int((abs(value) * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % Int(scale))
    return "\(sign)\(scaled / Int(scale))." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// Three digits and a power of ten: `1.23e-04`.
  public static func scientific(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    var (mantissa, exponent) = (abs(value), 0)
    while mantissa >= 9.995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 0.9995 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    let digits = String(abs(exponent))
    let power = (exponent < 0 ? "-" : "+") + (digits.count < 2 ? "0" : "") + digits
    return (value < 0 ? "-" : "") + fixed(mantissa, 2) + "e" + power
  }

  /// A measure in as few digits as tell it: `0`, `0.0123`, `5.98`, `2.10e-05`.
  static func short(_ value: Double) -> String {
    let size = abs(value)
    if value == 0 { return "0" }
    if size < 0.001 || size >= 1e6 { return scientific(value) }
    return fixed(value, size < 0.1 ? 4 : size < 10 ? 3 : size < 100 ? 2 : 1)
  }

  static func percent(_ share: Double, _ decimals: Int = 1) -> String {
    let smallest = decimals == 1 ? 0.0005 : decimals == 2 ? 0.00005 : 0.000005
    return share > 0 && share < smallest ? "< \(coordinate(200 * smallest, decimals)) %" : fixed(100 * share, decimals) + " %"
  }

  /// The number at a line of a scale.
  static func mark(_ value: Double) -> String { abs(value) > 0 && abs(value) < 0.0001 ? scientific(value) : coordinate(value, 5) }

  /// As few decimals as tell a number; of coordinates a hundredth is finer than any screen.
  static func coordinate(_ value: Double, _ decimals: Int = 2) -> String {
    var text = fixed(value, decimals)
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}

extension Node {
  /// A number as people read it, with its exact value beside it for programs.
  static func figure(_ value: Double, _ text: String) -> Node { .tag("span", ["data-value": value.description], .text(text)) }

  static func figure(_ value: Double) -> Node { figure(value, Figures.short(value)) }

  static func percent(_ share: Double, _ decimals: Int = 1) -> Node { figure(share, Figures.percent(share, decimals)) }

  static func count(_ value: Int) -> Node { .tag("span", ["data-value": "\(value)"], .text("\(value)")) }

  static func bytes(_ value: Int) -> Node { .tag("span", ["data-value": "\(value)"], .text(Figures.bytes(Double(value)))) }

  /// A number, or a dash where there is none.
  static func figure(_ value: Double?) -> Node { value.map { figure($0) } ?? "–" }
}
