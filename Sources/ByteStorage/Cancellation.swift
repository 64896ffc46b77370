internal import Synchronization

/// A flag that a signal handler or another thread raises and long work looks at between chunks.
public final class Cancellation: Sendable {
  private let isRaised = Atomic(false)

  public init() {}

  /// Asks the work to stop. Safe inside a signal handler: one atomic store.
  public func cancel() { isRaised.store(true, ordering: .relaxed) }

  public var isCancelled: Bool { isRaised.load(ordering: .relaxed) }

  /// - Throws: `interrupted` once `cancel()` was called.
  public func check() throws(GriffinError) {
    if isCancelled { throw GriffinError(.interrupted, "interrupted") }
  }
}
