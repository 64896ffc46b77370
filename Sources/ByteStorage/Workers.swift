#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Plain threads for work that mostly waits for files: each takes the next job until none is left.
public enum Workers {
  /// The most threads that are ever started at once.
  public static let maximumCount = 256

  /// Processors that are available.
  public static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// Runs `body` once for every job in `0..<jobCount`, in order of their numbers as threads become
  /// free, and returns when all have ended. After the first failure no further job is begun.
  ///
  /// - Parameters:
  ///   - count: Threads, the calling one included.
  ///   - makeState: Called once on each thread, for its buffers.
  /// - Throws: The failure of the lowest-numbered job that failed.
  public static func run<State: ~Copyable>(
    _ count: Int, jobs jobCount: Int, makeState: @escaping @Sendable () -> State,
    _ body: @escaping @Sendable (_ job: Int, _ state: inout State) throws(GriffinError) -> Void
  ) throws(GriffinError) {
    let threads = max(1, min(count, jobCount, maximumCount))
    let queue = JobQueue(jobCount: jobCount)
    let work: @Sendable () -> Void = {
      var state = makeState()
      while let job = queue.next() {
        do throws(GriffinError) {
          try body(job, &state)
        } catch {
          queue.fail(job, error)
        }
      }
    }
    let started = (1..<threads).compactMap { _ in SystemThread(work) }
    work()
    for thread in started { thread.join() }
    if let error = queue.firstFailure { throw error }
  }
}

/// Hands out job numbers until they are used up or one failed.
private final class JobQueue: Sendable {
  private let jobCount: Int
  private let state = Locked((next: 0, failedJob: Int.max, failure: GriffinError?.none))

  init(jobCount: Int) { self.jobCount = jobCount }

  func next() -> Int? {
    state.withLock { state in
      guard state.failure == nil, state.next < jobCount else { return nil }
      defer { state.next += 1 }
      return state.next
    }
  }

  func fail(_ job: Int, _ error: GriffinError) {
    state.withLock { state in
      guard job < state.failedJob else { return }
      state.failedJob = job
      state.failure = error
    }
  }

  var firstFailure: GriffinError? { state.withLock { $0.failure } }
}
