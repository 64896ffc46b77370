#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Where values stand between the ends of an axis, and the round numbers that are marked on it.
struct Scale {
  let least: Double
  let most: Double
  let marks: [Double]
  private let isLogarithmic: Bool

  /// - Parameters:
  ///   - least: The lower end of a scale that is not logarithmic.
  ///   - most: The upper end; nil takes a round number.
  init(_ values: [Double], least: Double = 0, most: Double?, isLogarithmic: Bool) {
    let largest = max(most ?? values.filter(\.isFinite).max() ?? 1, 0)
    let positive = values.filter { $0.isFinite && $0 > 0 }
    if isLogarithmic, let smallest = positive.min() {
      let high = Scale.power(Scale.exponent(largest, up: true))
      let low = Scale.power(max(Scale.exponent(smallest, up: false), Scale.exponent(largest, up: true) - 6))
      self.isLogarithmic = true
      (self.least, self.most) = (low, high > low ? high : low * 10)
      let exponents = Scale.exponent(low, up: false)...Scale.exponent(self.most, up: true)
      // Over one or two powers of ten, 2 and 5 are marked as well.
      marks = exponents.count > 3 ? exponents.map(Scale.power) : exponents.dropLast().flatMap { exponent in [1, 2, 5].map { $0 * Scale.power(exponent) } } + [self.most]
    } else {
      let span = largest - least
      let step = Scale.step(span > 0 ? span : 1)
      let end = most ?? least + step * (span / step).rounded(.up)
      self.isLogarithmic = false
      (self.least, self.most) = (least, end > least ? end : least + 1)
      marks = (0...Int(((self.most - least) / step).rounded())).map { least + Double($0) * step }
    }
  }

  /// 0 at the lower end, 1 at the upper.
  func share(of value: Double) -> Double {
    guard isLogarithmic else { return (value - least) / (most - least) }
    guard value > 0 else { return 0 }
    return (log10(value) - log10(least)) / (log10(most) - log10(least))
  }

  /// A round number of which four to eight fit.
  private static func step(_ largest: Double) -> Double {
    let unit = power(exponent(largest, up: false))
    return [0.1, 0.2, 0.25, 0.5, 1, 2].map { $0 * unit }.first { largest / $0 <= 5.001 } ?? unit
  }

  private static func power(_ exponent: Int) -> Double {
    var value = 1.0
    for _ in 0..<abs(exponent) { value *= 10 }
    return exponent < 0 ? 1 / value : value
  }

  /// The power of ten next to a number.
  private static func exponent(_ value: Double, up: Bool) -> Int {
    guard value > 0, value.isFinite else { return 0 }
    let exact = log10(value)
    // What is a power but for rounding is one.
    if abs(exact - exact.rounded()) < 1e-9 { return Int(exact.rounded()) }
    return Int(exact.rounded(up ? .up : .down))
  }
}
