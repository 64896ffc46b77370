internal import ByteStorage
internal import Dispatch

/// Waits on a thread of our own for work of the concurrency runtime, which none of its threads ever does.
func waiting<Value: Sendable>(
  _ cancellation: Cancellation, for work: @escaping @Sendable () async throws(GriffinError) -> Value
) throws(GriffinError) -> Value {
  let outcome = Locked<Result<Value, GriffinError>?>(nil)
  let done = DispatchSemaphore(value: 0)
  let task = Task.detached(executorPreference: Lane.shared) {
    do throws(GriffinError) {
      let value = try await work()
      outcome.withLock { $0 = .success(value) }
    } catch {
      outcome.withLock { $0 = .failure(error) }
    }
    done.signal()
  }
  while done.wait(timeout: .now() + .milliseconds(100)) == .timedOut {
    guard cancellation.isCancelled else { continue }
    task.cancel()
    try cancellation.check()
  }
  guard let outcome = outcome.withLock(\.self) else { preconditionFailure("signalled without an outcome") }
  return try outcome.get()
}
