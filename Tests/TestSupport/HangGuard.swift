public import Foundation

/// The only clock in the tests: what takes a minute on any machine hangs.
public enum HangGuard {
  /// Sanitizers make everything many times slower.
  public static let seconds = BuiltCommand.isSanitized ? 600 : 60

  /// Ends the test run, saying of what, where something does not come back.
  public static func watch<Result>(_ what: String, _ body: () throws -> Result) rethrows -> Result {
    let watch = DispatchWorkItem { fatalError("\(what) took more than \(seconds) s") }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds), execute: watch)
    defer { watch.cancel() }
    return try body()
  }

  /// Waits for a process, and kills it where it does not end.
  public static func wait(for process: Process) {
    let identifier = process.processIdentifier
    let watch = DispatchWorkItem { _ = kill(identifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds), execute: watch)
    process.waitUntilExit()
    watch.cancel()
  }
}
