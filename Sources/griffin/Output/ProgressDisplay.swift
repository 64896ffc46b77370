#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import ByteStorage
import Reports

/// Progress on standard error: a bar on a terminal, a sparse line otherwise, nothing for work under a second.
final class ProgressDisplay: Sendable {
  private struct State {
    /// When the work was first heard of.
    var start: ContinuousClock.Instant?
    var lastDrawn: ContinuousClock.Instant?
    var drawn = false
    var finished = false
  }

  private let title: String
  /// Turns a count of units into text, such as bytes into gigabytes.
  private let describe: @Sendable (Double) -> String
  private let isEnabled: Bool
  private let isTerminal: Bool
  private let state = Locked(State())

  init(_ title: String, enabled: Bool = true, describe: @escaping @Sendable (Double) -> String) {
    self.title = title
    self.describe = describe
    self.isEnabled = enabled
    self.isTerminal = Console.isTerminal(STDERR_FILENO)
  }

  /// Shows that `done` of `total` units are done. Callable from any thread.
  /// - Parameter secondsLeft: How long the rest takes, where that is known better than by the pace so far.
  func update(done: Double, total: Double, secondsLeft: Double? = nil) {
    guard isEnabled, total > 0 else { return }
    let now = ContinuousClock.now
    let interval: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
    state.withLock { state in
      guard !state.finished else { return }
      let start = state.start ?? now
      state.start = start
      let elapsed = (now - start).inSeconds
      guard elapsed >= 1 else { return }
      if let last = state.lastDrawn, now - last < interval { return }
      state.lastDrawn = now
      state.drawn = true
      let rate = done / elapsed
      let fraction = min(1, secondsLeft.map { elapsed / max(elapsed + $0, 1e-9) } ?? done / total)
      let left = secondsLeft ?? (rate > 0 ? (total - done) / rate : 0)
      var text = "\(title) \(Int(fraction * 100)) %  \(describe(done)) of \(describe(total))"
      text += secondsLeft == nil ? ", \(describe(rate))/s, \(ProgressDisplay.clock(left)) left" : ", \(ProgressDisplay.about(left)) left"
      if isTerminal {
        let width = 24
        let filled = Int(fraction * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        Console.write("\r\u{1B}[K\(bar) \(text)", to: STDERR_FILENO)
      } else {
        Console.note(text)
      }
    }
  }

  /// Clears the bar; later updates draw nothing.
  func finish() {
    state.withLock { state in
      if state.drawn, isTerminal, !state.finished { Console.write("\r\u{1B}[K", to: STDERR_FILENO) }
      state.finished = true
    }
  }

  /// A forecast in as few digits as it deserves: `about 40 s`, `about 12 min`, `about 2.5 h`.
  static func about(_ seconds: Double) -> String {
    if seconds < 55 { return "about \(max(5, Int((seconds / 5).rounded()) * 5)) s" }
    if seconds < 5700 { return "about \(max(1, Int((seconds / 60).rounded()))) min" }
    return "about \(Figures.fixed(seconds / 3600, 1)) h"
  }

  /// Minutes and seconds, or hours and minutes.
  private static func clock(_ seconds: Double) -> String {
    let total = Int(seconds.rounded(.up))
    let (minutes, rest) = (total / 60, total % 60)
    return minutes >= 60
      ? "\(minutes / 60)h\(padded(minutes % 60))m" : "\(minutes):\(padded(rest))"
  }

  private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
