internal import Dispatch

/// Where requests are worked on: threads of their own, since whoever waits for a request may hold all threads that tasks otherwise have.
final class Lane: TaskExecutor {
  static let shared = Lane()

  private let queue = DispatchQueue(label: "griffin.remote", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    // Sound: a job is run once, by the queue that it was handed to.
    queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
