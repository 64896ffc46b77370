internal import ByteStorage

/// Tries something again after what passes, as often as it is worth it.
final class Tries: @unchecked Sendable {  // used by one task
  private let locator: Locator
  private let backoff: Backoff
  private var inARow = 0
  private var inAll = 0

  init(_ locator: Locator, _ backoff: Backoff) { (self.locator, self.backoff) = (locator, backoff) }

  /// Says that the last try brought something.
  func gained() { inARow = 0 }

  /// Waits before the next try.
  /// - Throws: `io` where there is none; `interrupted`.
  func failed(_ failure: Failure) async throws(GriffinError) {
    guard case .passing(let what, let asked) = failure else { preconditionFailure("no failure that passes") }
    (inARow, inAll) = (inARow + 1, inAll + 1)
    if Task.isCancelled { throw GriffinError(.interrupted, "interrupted") }
    guard inARow < backoff.attempts, inAll < backoff.attemptsInAll else {
      throw GriffinError(
        .io, file: locator.shown, "\(what); it was tried \(inAll) times", hints: ["the network or the server may be at fault: try again later"])
    }
    await backoff.sleep(backoff.delay(afterFailures: inARow, asked: asked))
    if Task.isCancelled { throw GriffinError(.interrupted, "interrupted") }
  }

  /// - Throws: `io` where it failed however often it was tried, and what will not pass.
  func run<Value>(_ body: () async throws -> Value) async throws(GriffinError) -> Value {
    while true {
      do {
        return try await body()
      } catch Failure.final(let error) {
        throw error
      } catch let failure as Failure {
        if case .stale = failure { throw GriffinError(.unreadable, file: locator.shown, "the server refuses what it redirects to", hints: locator.hints) }
        try await failed(failure)
      } catch let error as GriffinError {
        throw error
      } catch {
        throw GriffinError(.interrupted, "interrupted")
      }
    }
  }
}
