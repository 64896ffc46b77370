/// A ratio of sums over a text, `sum x / sum y`, and how far it may be off.
///
/// Neighbours in a text are alike, so positions count in blocks: a block's sums are one observation. The interval is Student's,
/// of the ratio's linearisation, with one degree of freedom less than blocks.
package struct BlockedRatio: Sendable {
  /// Positions of a block.
  package static let blockLength = 16

  package private(set) var blocks: [(x: Double, y: Double)] = []

  package init() {}

  /// Adds the positions of one document, cut into blocks.
  package mutating func add(_ positions: [(x: Double, y: Double)]) {
    for start in stride(from: 0, to: positions.count, by: BlockedRatio.blockLength) {
      let block = positions[start..<min(start + BlockedRatio.blockLength, positions.count)]
      blocks.append(block.reduce((x: 0.0, y: 0.0)) { ($0.x + $1.x, $0.y + $1.y) })
    }
  }

  package var sums: (x: Double, y: Double) { blocks.reduce((0, 0)) { ($0.0 + $1.x, $0.1 + $1.y) } }

  /// nil where nothing was counted.
  package var value: Double? {
    let sums = sums
    return sums.y == 0 ? nil : sums.x / sums.y
  }

  /// What each block adds to the ratio's error, in its order.
  package var influences: [Double] {
    guard let value else { return [] }
    let total = sums.y
    return blocks.map { ($0.x - value * $0.y) / total }
  }

  package var interval: Interval {
    guard let value else { return .everything }
    return StudentT.interval(around: value, influences: influences)
  }
}

extension BlockedRatio {
  /// The interval of the difference of two ratios over different texts.
  package static func independentDifference(_ left: BlockedRatio, _ right: BlockedRatio, comparisons: Int = 1) -> (value: Double, interval: Interval)? {
    guard let mine = left.value, let theirs = right.value else { return nil }
    return (mine - theirs, StudentT.interval(around: mine - theirs, influences: left.influences + right.influences, comparisons: comparisons))
  }

  /// The interval of a share, whose blocks may all agree by chance: no narrower than Wilson's for as many positions.
  package var shareInterval: Interval {
    guard let value else { return .everything }
    let (count, z) = (sums.y, StudentT.normalQuantile)
    let centre = (value + z * z / (2 * count)) / (1 + z * z / count)
    let half = z / (1 + z * z / count) * (value * (1 - value) / count + z * z / (4 * count * count)).squareRoot()
    let own = interval
    return Interval(min(own.low, centre - half), max(own.high, centre + half)).clamped(to: 0...1)
  }

  /// The interval of one ratio over another, over the same blocks, what they have in common left out.
  package static func quotient(_ left: BlockedRatio, _ right: BlockedRatio) -> Interval? {
    guard let mine = left.value, let theirs = right.value, mine > 0, theirs > 0 else { return nil }
    guard left.blocks.count == right.blocks.count else { return .everything }
    let influences = zip(left.influences, right.influences).map { $0 / mine - $1 / theirs }
    let logarithm = SpecialFunctions.logarithm(mine / theirs)
    return StudentT.interval(around: logarithm, influences: influences).map(SpecialFunctions.exponential)
  }

  /// The interval of the difference of two ratios over the same blocks, what they have in common left out.
  /// - Parameter comparisons: How many are made at once; the interval is that much wider, so that all of them hold together.
  package static func difference(_ left: BlockedRatio, _ right: BlockedRatio, comparisons: Int = 1) -> (value: Double, interval: Interval)? {
    guard let mine = left.value, let theirs = right.value else { return nil }
    let influences = zip(left.influences, right.influences).map { $0 - $1 }
    guard left.blocks.count == right.blocks.count else { return (mine - theirs, .everything) }
    return (mine - theirs, StudentT.interval(around: mine - theirs, influences: influences, comparisons: comparisons))
  }
}

/// Student's distribution, as far as two-sided intervals of one confidence need it.
package enum StudentT {
  /// Of both sides together.
  package static let confidence = 0.99
  /// The normal distribution's quantile at 0.995.
  package static let normalQuantile = 2.5758293035489004

  /// Quantiles at 0.995 for 1, 2, ... degrees of freedom.
  private static let quantiles = [
    63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.250, 3.169, 3.106, 3.055, 3.012, 2.977, 2.947, 2.921, 2.898, 2.878,
    2.861, 2.845, 2.831, 2.819, 2.807, 2.797, 2.787, 2.779, 2.771, 2.763, 2.756, 2.750,
  ]

  /// The quantile at 0.995; beyond the table by the expansion of Cornish and Fisher, whose error there is below 0.001.
  package static func quantile(degrees: Int) -> Double {
    guard degrees > 0 else { return .infinity }
    return degrees <= quantiles.count ? quantiles[degrees - 1] : expansion(normalQuantile, degrees: degrees)
  }

  /// The quantile at `1 - 0.005 / comparisons` (Bonferroni), by one term more of the same expansion; with fewer than seven degrees of
  /// freedom, where it is poor, nothing is known.
  package static func quantile(degrees: Int, comparisons: Int) -> Double {
    guard comparisons > 1 else { return quantile(degrees: degrees) }
    guard degrees >= 7 else { return .infinity }
    return expansion(SpecialFunctions.normalQuantile(tail: (1 - confidence) / 2 / Double(comparisons)), degrees: degrees)
  }

  private static func expansion(_ z: Double, degrees: Int) -> Double {
    let n = Double(degrees)
    let (z3, z5, z7) = (z * z * z, z * z * z * z * z, z * z * z * z * z * z * z)
    return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) + (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n)
  }

  /// An interval from what independent observations add to an estimate's error.
  package static func interval(around value: Double, influences: [Double], comparisons: Int = 1) -> Interval {
    let count = influences.count
    guard count > 1 else { return .everything }
    let variance = influences.reduce(0) { $0 + $1 * $1 } * Double(count) / Double(count - 1)
    let quantile = quantile(degrees: count - 1, comparisons: comparisons)
    guard quantile.isFinite else { return .everything }
    let half = quantile * variance.squareRoot()
    return Interval(value - half, value + half)
  }
}
