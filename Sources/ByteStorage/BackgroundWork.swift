/// One piece of work on a thread of its own, begun at once, while the caller goes on with something else.
public final class BackgroundWork<Value: Sendable>: Sendable {
  private enum State: Sendable {
    case waiting(@Sendable () throws(GriffinError) -> Value)
    case done(Result<Value, GriffinError>)
    case taken
  }

  private let state: Locked<State>
  private let thread: Locked<SystemThread?>

  public init(_ body: @escaping @Sendable () throws(GriffinError) -> Value) {
    let state = Locked(State.waiting(body))
    self.state = state
    thread = Locked(SystemThread {
      guard case .waiting(let body) = state.withLock({ $0 }) else { return }
      let found = Result(catching: body)
      state.withLock { $0 = .done(found) }
    })
  }

  deinit { join() }

  /// Waits for the work, and gives what it made, which is then no longer kept; asked for once. Where the system had no thread for it, it is done now.
  /// - Throws: What the work throws.
  public func take() throws(GriffinError) -> Value {
    join()
    let last = state.withLock { state in
      defer { state = .taken }
      return state
    }
    switch last {
    case .waiting(let body): return try body()
    case .done(let found): return try found.get()
    case .taken: preconditionFailure("the work was taken before")
    }
  }

  private func join() {
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    running?.join()
  }
}
