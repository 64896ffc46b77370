#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// One thread of the system; sound because the closure is retained for the thread, which releases it,
/// and `join` is called exactly once. Any thread may join it.
@safe struct SystemThread: @unchecked Sendable {
  private let identifier: pthread_t

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// - Returns: nil where the system has no more threads; fewer workers do the same work.
  init?(_ run: @escaping @Sendable () -> Void) {
    let body = unsafe Unmanaged.passRetained(Body(run)).toOpaque()
    #if canImport(Glibc)
      var identifier = pthread_t()
      let status = unsafe pthread_create(
        &identifier, nil,
        { argument in
          if let argument = unsafe argument { unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
          return nil
        }, body)
    #else
      var identifier: pthread_t?
      let status = unsafe pthread_create(
        &identifier, nil,
        { argument in
          unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
          return nil
        }, body)
    #endif
    guard status == 0 else {
      unsafe Unmanaged<Body>.fromOpaque(body).release()
      return nil
    }
    #if canImport(Glibc)
      self.identifier = identifier
    #else
      self.identifier = identifier!
    #endif
  }

  func join() { _ = pthread_join(identifier, nil) }
}
