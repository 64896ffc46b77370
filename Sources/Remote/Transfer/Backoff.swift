/// How often and after what time something is tried again.
public struct Backoff: Sendable {
  /// Failures in a row, without a byte gained, after which it is given up.
  package var attempts = 8
  /// Failures of one request in all, bytes gained or not.
  package var attemptsInAll = 32
  /// Seconds before the second try; each later one waits twice as long.
  var firstDelay = 0.5
  /// The most seconds that are waited, whatever a server asks for.
  var longestDelay = 60.0
  /// Waits; tests wait for nothing.
  var sleep: @Sendable (_ seconds: Double) async -> Void

  public init() {
    sleep = { seconds in try? await Task.sleep(for: .seconds(seconds)) }
  }

  package init(sleep: @escaping @Sendable (_ seconds: Double) async -> Void) { self.sleep = sleep }

  /// Seconds to wait after so many failures in a row: between half and all of what doubling gives, so that many machines do not come
  /// back at once, or as long as the server asks.
  package func delay(afterFailures count: Int, asked: Double?) -> Double {
    let doubled = firstDelay * Double(1 << min(max(count - 1, 0), 16))
    let waited = min(doubled, longestDelay / 2) * Double.random(in: 0.5...1)
    return min(max(waited, asked ?? 0), longestDelay)
  }
}
