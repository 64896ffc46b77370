internal import ByteStorage
internal import SpeculativeDecoding

/// What there is to decode, how far it has come, and how long the rest takes.
package final class Workload {
  private var planned: [DecodingWork: Int]
  private var done: [DecodingWork: Int] = [:]
  private var seconds: [DecodingWork: Double] = [:]
  /// Seconds a token, where they were forecast.
  private let costs: [DecodingWork: Double]?
  private var last = ContinuousClock.now
  /// Tokens of a kind from which its own pace counts, and no forecast.
  private static let enough = 16

  package init(planned: [DecodingWork: Int], costs: [DecodingWork: Double]?) { (self.planned, self.costs) = (planned, costs) }

  /// Notes tokens that are done; the time since the last ones went to them.
  package func add(_ work: DecodingWork, _ count: Int) {
    let now = ContinuousClock.now
    done[work, default: 0] += count
    seconds[work, default: 0] += last.secondsSince
    last = now
  }

  package var plannedTokens: Int { planned.values.reduce(0, +) }
  package var doneTokens: Int { planned.keys.reduce(0) { $0 + min(done[$1] ?? 0, planned[$1] ?? 0) } }

  /// nil where nothing was forecast.
  package var secondsLeft: Double? {
    guard let costs else { return nil }
    return planned.reduce(0) { sum, entry in
      let (made, left) = (done[entry.key] ?? 0, max(0, entry.value - (done[entry.key] ?? 0)))
      let pace = made >= Workload.enough ? (seconds[entry.key] ?? 0) / Double(made) : costs[entry.key] ?? 0
      return sum + Double(left) * pace
    }
  }
}
