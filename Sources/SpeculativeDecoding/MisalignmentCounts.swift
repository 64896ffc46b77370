/// How often a draft, fed its own features, still predicts the target's choice: trials and successes of each draft pass.
///
/// - Source: GRIFFIN, `getkacc` of the released training code.
public struct MisalignmentCounts: Sendable, Hashable {
  /// Draft passes that are looked at.
  public static let passes = 5

  public private(set) var trials = [Int](repeating: 0, count: passes)
  public private(set) var successes = [Int](repeating: 0, count: passes)

  public init() {}

  /// - Returns: nil where the two are not of all passes, or more succeeded than was tried.
  package init?(trials: [Int], successes: [Int]) {
    guard trials.count == MisalignmentCounts.passes, successes.count == trials.count,
      zip(trials, successes).allSatisfy({ 0 <= $1 && $1 <= $0 })
    else { return nil }
    (self.trials, self.successes) = (trials, successes)
  }

  /// The share of misaligned tokens of each pass; empty without trials.
  public var rates: [Double] {
    trials[0] == 0 ? [] : zip(successes, trials).map { $1 == 0 ? 0 : 1 - Double($0) / Double($1) }
  }

  mutating func succeed(inPass pass: Int) {
    trials[pass] += 1
    successes[pass] += 1
  }

  /// A chain that failed counts as failed in all later passes too.
  mutating func fail(fromPass pass: Int) {
    for later in pass..<MisalignmentCounts.passes { trials[later] += 1 }
  }

  public static func + (left: MisalignmentCounts, right: MisalignmentCounts) -> MisalignmentCounts {
    var sum = left
    for pass in 0..<passes {
      sum.trials[pass] += right.trials[pass]
      sum.successes[pass] += right.successes[pass]
    }
    return sum
  }
}
