/// Persistent threads that share the iterations of a loop; the caller works too.
public final class ThreadPool: Sendable {
  /// Threads that work on a job, the caller's included.
  public let threadCount: Int

  /// - Parameter threads: Threads that work on a job, the caller's included; at least 1.
  public init(threads: Int) {
    threadCount = max(threads, 1)
  }

  /// Calls `body` once for every index below `count`, in any order and on any thread, and returns when all are done.
  public func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    for index in 0..<count { body(index) }
  }
}
