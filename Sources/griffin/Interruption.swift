import ByteStorage
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What signals do to this program. Libraries never see one: they are handed the flag to look at.
enum Interruption {
  /// Raised once the user asks to stop.
  static let cancellation = Cancellation()
  /// Whether an error is also a JSON document on standard output.
  private static let answersInJSON = Atomic(false)

  /// Ctrl-C (and a polite kill) asks once and is obeyed at the next safe point; a second one ends at once.
  /// A mapped file that shrank is reported, not dumped: the handler does nothing but say so and exit.
  static func install(json: Bool) {
    _ = cancellation  // made now, since a handler may not allocate
    answersInJSON.store(json, ordering: .relaxed)
    // A parent may have had these blocked, as threads of Dispatch do, and children inherit that.
    var heard = sigset_t()
    unsafe sigemptyset(&heard)
    for number in [SIGINT, SIGTERM, SIGBUS] { unsafe sigaddset(&heard, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &heard, nil)
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if Interruption.cancellation.isCancelled { _exit(130) }
        Interruption.cancellation.cancel()
      }
    }
    MappedFiles.prepare()
    var action = sigaction()
    action.sa_flags = SA_SIGINFO
    #if canImport(Glibc)
      unsafe action.__sigaction_handler.sa_sigaction = { _, info, _ in
        Interruption.reportLostData(at: unsafe info.map { unsafe UInt(bitPattern: $0.pointee._sifields._sigfault.si_addr) })
      }
    #else
      unsafe action.__sigaction_u.__sa_sigaction = { _, info, _ in
        Interruption.reportLostData(at: unsafe info.map { unsafe UInt(bitPattern: $0.pointee.si_addr) })
      }
    #endif
    unsafe sigaction(SIGBUS, &action, nil)
    // What these stand for is reported by the call that failed: a reader that went away, a file larger than allowed.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Says which file's data is gone and ends. Runs inside a signal handler: nothing here takes memory or a lock.
  private static func reportLostData(at address: UInt?) -> Never {
    let path = unsafe address.flatMap { unsafe MappedFiles.path(at: $0) }
    let message: StaticString =
      unsafe path == nil
      ? "a file in use shrank or its disk failed; the data that was mapped is gone"
      : "the file shrank or its disk failed while it was in use; what was mapped of it is gone"
    if answersInJSON.load(ordering: .relaxed) {
      write("{\"error\": {\"code\": 74, \"kind\": \"changed\", \"message\": \"", to: STDOUT_FILENO)
      write(message, to: STDOUT_FILENO)
      if let path = unsafe path {
        write("\", \"file\": \"", to: STDOUT_FILENO)
        unsafe writeEscaped(path)
      }
      write("\"}}\n", to: STDOUT_FILENO)
    }
    write("error: ", to: STDERR_FILENO)
    if let path = unsafe path {
      _ = unsafe platformWrite(STDERR_FILENO, path, strlen(path))
      write(": ", to: STDERR_FILENO)
    }
    write(message, to: STDERR_FILENO)
    write("\n", to: STDERR_FILENO)
    _exit(74)
  }

  /// A path as the inside of a JSON string. It has no control characters, since it was made printable.
  private static func writeEscaped(_ path: UnsafePointer<CChar>) {
    for index in 0..<(unsafe strlen(path)) {
      let byte = unsafe UInt8(bitPattern: path[index])
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { write("\\", to: STDOUT_FILENO) }
      _ = unsafe platformWrite(STDOUT_FILENO, path + index, 1)
    }
  }

  private static func write(_ text: StaticString, to descriptor: Int32) {
    _ = unsafe platformWrite(descriptor, text.utf8Start, text.utf8CodeUnitCount)
  }
}
