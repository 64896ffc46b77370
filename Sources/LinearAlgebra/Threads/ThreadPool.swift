internal import Synchronization

/// Persistent threads that share the iterations of a loop; the caller works too.
///
/// Threads sleep while there is nothing to do, after waiting a moment for the next loop. A loop
/// started inside another one's body, or while another caller's loop runs, is run by its caller alone.
public final class ThreadPool: Sendable {
  /// Threads that work on a loop, the caller's included.
  public let threadCount: Int

  private let workers: WorkerThreads
  private let isBusy = Atomic<Bool>(false)
  /// What the workers share; its own while `isBusy`, so that a loop allocates nothing.
  private let sharedJob = Job(count: 0)

  /// - Parameter threads: Threads that work on a loop, the caller's included. Fewer where the
  ///   system refuses to start more; at least 1.
  public init(threads: Int) {
    workers = WorkerThreads(helpers: max(threads, 1) - 1)
    threadCount = workers.helperCount + 1
  }

  deinit { workers.dismiss() }

  /// Calls `body` once for every index below `count`, in any order and on any thread, and returns when all are done.
  public func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    share(count) { job in
      while let index = job.next() { body(index) }
    }
  }

  /// Calls `work` on every thread that helps; each call takes indices below `count` from the job until
  /// there are no more. So a thread can prepare memory once for all its indices.
  func share(_ count: Int, _ work: @Sendable (Job) -> Void) {
    guard count > 1, threadCount > 1, !isBusy.exchange(true, ordering: .acquiring) else { return work(Job(count: count)) }
    sharedJob.restart(count: count)
    workers.perform { work(sharedJob) }
    isBusy.store(false, ordering: .releasing)
  }
}
