/// Counts bytes that many threads get done, and says so now and then.
public final class ProgressMeter: Sendable {
  /// Told of bytes done and bytes in all. Called from one thread at a time, with growing numbers, at most
  /// about a thousand times, the last time with both equal where the work completes.
  public typealias Report = @Sendable (_ done: Int, _ total: Int) -> Void

  private let total: Int
  private let step: Int
  private let report: Report?
  private let state = Locked((done: 0, reported: 0))

  /// - Parameter report: nil where nobody listens.
  public init(total: Int, report: Report?) {
    self.total = total
    self.step = max(total / 1000, 1)
    self.report = report
  }

  /// Adds bytes that are done.
  public func add(_ byteCount: Int) {
    guard let report else { return }
    // The lock is held while reporting, so that numbers arrive in order.
    state.withLock { state in
      state.done += byteCount
      guard state.done - state.reported >= step || state.done >= total else { return }
      state.reported = state.done
      report(state.done, total)
    }
  }
}
