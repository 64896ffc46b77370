#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import Synchronization

/// What signals do to this program. Libraries never see one: they are handed `isRequested` to ask.
enum Interruption {
  private static let requested = Atomic<Bool>(false)

  /// Whether the user asked to stop.
  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Ctrl-C (and a polite kill) asks once and is obeyed at the next safe point; a second one ends at once.
  /// A mapped file that shrank is reported, not dumped: the handler does nothing but say so and exit.
  static func install() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if Interruption.requested.exchange(true, ordering: .relaxed) { _exit(130) }
      }
    }
    signal(SIGBUS) { _ in
      let message: StaticString = "error: a file in use shrank or its disk failed; the data that was mapped is gone\n"
      _ = unsafe write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
      _exit(74)
    }
    signal(SIGPIPE, SIG_IGN)
  }
}
