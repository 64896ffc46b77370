import SpeculativeDecoding
import Statistics
import Testing
import Verification

/// Intervals against values of other programs, and how often they are wrong on samples of known truth.
@Suite struct StatisticsTests {
  /// SciPy 1.14: `scipy.stats.t.ppf(0.995, df)`.
  @Test func quantilesAreStudents() {
    for (degrees, value) in [(1, 63.6567), (4, 4.6041), (30, 2.7500), (31, 2.7440), (40, 2.7045), (100, 2.6259), (1000, 2.5808)] {
      #expect(abs(StudentT.quantile(degrees: degrees) - value) < 0.001 * value, "\(degrees)")
    }
    #expect(StudentT.quantile(degrees: 0) == .infinity)
  }

  /// A run whose neighbours are alike: each value is mostly the one before it.
  private static func run(_ count: Int, mean: Double, _ generator: inout SplitMix64) -> [Double] {
    func noise(_ generator: inout SplitMix64) -> Double {
      (0..<12).reduce(-6) { sum, _ in sum + Double(generator.next() >> 11) / Double(1 << 53) }
    }
    var state = noise(&generator)
    return (0..<count).map { _ in
      state = 0.6 * state + 0.8 * noise(&generator)
      return mean + state
    }
  }

  /// Of intervals of 99 % about one in a hundred misses the truth, though neighbours are alike: 500 samples, fixed seed.
  @Test func intervalsCoverTheTruth() {
    var generator = SplitMix64(seed: 7)
    var misses = 0
    for _ in 0..<500 {
      var ratio = BlockedRatio()
      for _ in 0..<4 { ratio.add(StatisticsTests.run(100, mean: 3, &generator).map { ($0, 1) }) }
      if ratio.interval.low > 3 || ratio.interval.high < 3 { misses += 1 }
    }
    // The probability of more than 20 where 10 are expected at most (blocks are alike too, a little) is small.
    #expect(misses <= 20, "\(misses)")
    #expect(misses > 0, "wider than promised")
  }

  /// What two samples have in common does not widen the interval of their difference.
  @Test func pairsAreTighterThanEachSide() throws {
    var generator = SplitMix64(seed: 3)
    let common = StatisticsTests.run(320, mean: 5, &generator)
    var (left, right) = (BlockedRatio(), BlockedRatio())
    left.add(common.map { ($0 + 0.01, 1) })
    right.add(common.map { ($0, 1) })
    let difference = try #require(BlockedRatio.difference(left, right))
    #expect(abs(difference.value - 0.01) < 1e-9 && difference.interval.high - difference.interval.low < 1e-9)
    let quotient = try #require(BlockedRatio.quotient(left, right))
    #expect(quotient.low > 1 && quotient.high < 1.01 && left.interval.high - left.interval.low > 0.1)
  }

  /// A share of all is not certain: statsmodels' `proportion_confint(64, 64, 0.01, "wilson")` is (0.90607, 1).
  @Test func aShareOfAllHasAnInterval() {
    var share = BlockedRatio()
    share.add([(x: Double, y: Double)](repeating: (1, 1), count: 64))
    #expect(share.interval.low == 1 && abs(share.shareInterval.low - 0.90607) < 1e-4 && share.shareInterval.high == 1)
  }

  @Test func oneBlockSaysNothing() {
    var ratio = BlockedRatio()
    ratio.add([(1, 1), (2, 1)])
    #expect(ratio.value == 1.5 && ratio.interval == Interval(-.infinity, .infinity))
    #expect(BlockedRatio().value == nil)
  }

  @Test func verdictsGoByTheWholeInterval() {
    func verdict(_ low: Double, _ high: Double, upper: Bool) -> Judgement.Verdict {
      Judgement(name: "x", value: (low + high) / 2, interval: Interval(low, high), limit: 1, isUpperLimit: upper).verdict
    }
    #expect(verdict(0, 1, upper: true) == .holds && verdict(0.5, 1.5, upper: true) == .undecided && verdict(1.1, 2, upper: true) == .fails)
    #expect(verdict(1, 2, upper: false) == .holds && verdict(0.5, 1.5, upper: false) == .undecided && verdict(0, 0.9, upper: false) == .fails)
    #expect([Judgement.Verdict.holds, .fails, .undecided].max() == .fails)
  }
}
