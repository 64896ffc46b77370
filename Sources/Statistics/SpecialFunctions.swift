#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The functions that statistics need, in double precision.
package enum SpecialFunctions {
  package static func exponential(_ x: Double) -> Double { exp(x) }
  package static func logarithm(_ x: Double) -> Double { log(x) }
  package static func sine(_ x: Double) -> Double { sin(x) }
  package static func cosine(_ x: Double) -> Double { cos(x) }

  /// Where the normal distribution's upper tail is `tail`, by bisection.
  package static func normalQuantile(tail: Double) -> Double {
    var (low, high) = (0.0, 40.0)
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if erfc(middle / 2.0.squareRoot()) / 2 > tail { low = middle } else { high = middle }
    }
    return low
  }

  /// The probability that a chi-square variable with `degrees` degrees of freedom is at least `statistic`.
  package static func chiSquareTail(_ statistic: Double, degrees: Int) -> Double {
    upperGamma(Double(degrees) / 2, statistic / 2)
  }

  /// The regularised upper incomplete gamma function `Q(a, x)`: by its power series below `a + 1`, else by its continued
  /// fraction (Lentz), each to full precision.
  /// - Source: Abramowitz and Stegun, 6.5.29 and 6.5.31.
  package static func upperGamma(_ a: Double, _ x: Double) -> Double {
    guard x > 0 else { return 1 }
    let scale = exp(a * log(x) - x - lgamma(a))
    if x < a + 1 {
      var (term, sum, n) = (1 / a, 1 / a, a)
      while abs(term) > abs(sum) * 1e-16 {
        n += 1
        term *= x / n
        sum += term
      }
      return max(0, 1 - sum * scale)
    }
    let tiny = 1e-300
    var b = x + 1 - a
    var (c, d) = (1 / tiny, 1 / b)
    var fraction = d
    for i in 1...100_000 {
      let step = -Double(i) * (Double(i) - a)
      b += 2
      d = 1 / nonzero(step * d + b, tiny)
      c = nonzero(b + step / c, tiny)
      let factor = d * c
      fraction *= factor
      if abs(factor - 1) < 1e-15 { break }
    }
    return scale * fraction
  }

  private static func nonzero(_ x: Double, _ tiny: Double) -> Double { abs(x) < tiny ? tiny : x }
}
