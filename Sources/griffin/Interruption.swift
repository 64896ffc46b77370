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
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if Interruption.cancellation.isCancelled { _exit(130) }
        Interruption.cancellation.cancel()
      }
    }
    signal(SIGBUS) { _ in
      let message: StaticString = "error: a file in use shrank or its disk failed; the data that was mapped is gone\n"
      _ = unsafe write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
      _exit(74)
    }
    // What these stand for is reported by the call that failed: a reader that went away, a file larger than allowed.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }
}
