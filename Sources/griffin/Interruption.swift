#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import ByteStorage

/// What signals do to this program. Libraries never see one: they are handed the flag to look at.
enum Interruption {
  /// Raised once the user asks to stop.
  static let cancellation = Cancellation()

  /// Ctrl-C (and a polite kill) asks once and is obeyed at the next safe point; a second one ends at once.
  /// A mapped file that shrank is reported, not dumped: the handler does nothing but say so and exit.
  static func install() {
    _ = cancellation  // made now, since a handler may not allocate
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
    write("error: ")
    if let address, let path = unsafe MappedFiles.path(at: address) {
      _ = unsafe writeBytes(STDERR_FILENO, path, strlen(path))
      write(": the file shrank or its disk failed while it was in use; what was mapped of it is gone\n")
    } else {
      write("a file in use shrank or its disk failed; the data that was mapped is gone\n")
    }
    _exit(74)
  }

  private static func write(_ text: StaticString) { _ = unsafe writeBytes(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount) }
}

/// `write(2)`, which the method of the same name hides.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int { unsafe write(descriptor, bytes, count) }
