internal import CKernels
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The helper threads of a pool: they sleep, join a job while it is open, and leave it when it has no more to do.
///
/// Sound: `work` is written only while no helper is inside a job, read only by helpers that have
/// joined one, and every join and leave is an atomic change of `state` that orders these. The mutex
/// and the conditions live until all threads have been joined in `dismiss`.
@safe final class WorkerThreads: @unchecked Sendable {  // see above
  /// Threads that were started.
  private(set) var helperCount = 0

  /// Which job, whether it may be joined, and how many helpers are inside it.
  private struct State {
    var bits: UInt64
    static let open: UInt64 = 1 << 31

    var job: UInt64 { bits >> 32 }
    var isOpen: Bool { bits & State.open != 0 }
    var helpers: UInt64 { bits & (State.open - 1) }
    var next: State { State(bits: (job &+ 1) << 32 | State.open) }
  }

  /// Rounds of waiting before a thread sleeps: some tens of microseconds, longer than waking takes.
  private static let patience = 1000

  private let state = Atomic<UInt64>(0)
  private let isDismissed = Atomic<Bool>(false)
  private let sleepers = Atomic<Int>(0)
  private var work: (() -> Void)?
  private var threads: [pthread_t] = []
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let jobOpened = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let helpersLeft = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init(helpers: Int) {
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(jobOpened, nil)
    unsafe pthread_cond_init(helpersLeft, nil)
    for _ in 0..<helpers {
      guard let thread = start() else { break }
      threads.append(thread)
    }
    helperCount = threads.count
  }

  deinit {
    unsafe pthread_cond_destroy(jobOpened)
    unsafe pthread_cond_destroy(helpersLeft)
    unsafe pthread_mutex_destroy(mutex)
    unsafe jobOpened.deallocate()
    unsafe helpersLeft.deallocate()
    unsafe mutex.deallocate()
  }

  /// Runs `body` on the calling thread and on every helper that comes in time; returns when all have returned.
  /// One caller at a time.
  func perform(_ body: () -> Void) {
    // The check that this makes names the file; by its path a build would depend on its folder.
    #sourceLocation(file: "WorkerThreads.swift", line: 67)
    withoutActuallyEscaping(body) { body in
      work = body
      let opened = State(bits: state.load(ordering: .relaxed)).next
      // Sequentially consistent, as is going to sleep: either the helper sees the job or the caller the sleeper.
      state.store(opened.bits, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { unsafe wake(jobOpened) }
      body()
      state.bitwiseAnd(~State.open, ordering: .acquiringAndReleasing)
      waitForHelpers()
      work = nil
    }
    #sourceLocation()
  }

  /// Ends and joins all threads.
  func dismiss() {
    isDismissed.store(true, ordering: .sequentiallyConsistent)
    unsafe wake(jobOpened)
    for thread in threads { pthread_join(thread, nil) }
    threads = []
  }

  private func start() -> pthread_t? {
    let workers = unsafe Unmanaged.passRetained(self)
    #if canImport(Glibc)
      var thread = pthread_t()
      let code = unsafe pthread_create(&thread, nil, { unsafe WorkerThreads.run($0) }, workers.toOpaque())
    #else
      var thread: pthread_t?
      let code = unsafe pthread_create(&thread, nil, { unsafe WorkerThreads.run($0) }, workers.toOpaque())
    #endif
    guard code == 0 else {
      unsafe workers.release()
      return nil
    }
    return thread
  }

  private static func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let workers = unsafe Unmanaged<WorkerThreads>.fromOpaque(context).takeRetainedValue()
    var last: UInt64 = 0
    while let job = workers.waitForJob(after: last) {
      if workers.join(job) {
        workers.runWork()
        workers.leave()
      }
      last = job
    }
    return nil
  }

  /// The job that is open and is not `last`; nil when the workers is dismissed.
  private func waitForJob(after last: UInt64) -> UInt64? {
    for _ in 0..<WorkerThreads.patience {
      let now = State(bits: state.load(ordering: .acquiring))
      if now.isOpen && now.job != last { return now.job }
      if isDismissed.load(ordering: .acquiring) { return nil }
      ck_pause()
    }
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    sleepers.add(1, ordering: .sequentiallyConsistent)
    defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
    while true {
      let now = State(bits: state.load(ordering: .sequentiallyConsistent))
      if now.isOpen && now.job != last { return now.job }
      if isDismissed.load(ordering: .sequentiallyConsistent) { return nil }
      unsafe pthread_cond_wait(jobOpened, mutex)
    }
  }

  /// Counts this helper in, unless the job has been closed.
  private func join(_ job: UInt64) -> Bool {
    var now = State(bits: state.load(ordering: .acquiring))
    while now.isOpen && now.job == job {
      let (exchanged, original) = state.weakCompareExchange(
        expected: now.bits, desired: now.bits + 1, ordering: .acquiringAndReleasing)
      if exchanged { return true }
      now = State(bits: original)
    }
    return false
  }

  /// Kept apart so that this thread's reference to the work is gone before it leaves.
  @inline(never)
  private func runWork() { work?() }

  private func leave() {
    let now = State(bits: state.subtract(1, ordering: .acquiringAndReleasing).newValue)
    if !now.isOpen && now.helpers == 0 { unsafe wake(helpersLeft) }
  }

  private func waitForHelpers() {
    for _ in 0..<WorkerThreads.patience {
      if State(bits: state.load(ordering: .acquiring)).helpers == 0 { return }
      ck_pause()
    }
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while State(bits: state.load(ordering: .acquiring)).helpers > 0 {
      unsafe pthread_cond_wait(helpersLeft, mutex)
    }
  }

  private func wake(_ condition: UnsafeMutablePointer<pthread_cond_t>) {
    unsafe pthread_mutex_lock(mutex)
    unsafe pthread_cond_broadcast(condition)
    unsafe pthread_mutex_unlock(mutex)
  }
}
