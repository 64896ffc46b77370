import Foundation

extension Program {
  /// A command that runs while the test goes on.
  public final class Running {
    private let process = Process()
    private let scratch: TemporaryFolder
    private let output: URL
    private let errors: URL

    /// - Parameter limit: Blocks of 512 bytes that a file may have; nil for no limit.
    public init(_ arguments: [String], limit: Int? = nil) throws {
      scratch = try TemporaryFolder()
      (output, errors) = (scratch.url.appending(path: "output"), scratch.url.appending(path: "errors"))
      process.executableURL = limit == nil ? BuiltCommand.url : URL(filePath: "/bin/sh")
      process.arguments = arguments
      if let limit { process.arguments = ["-c", "ulimit -f \(limit); exec \"$0\" \"$@\"", BuiltCommand.url.path] + arguments }
      for url in [output, errors] { try Data().write(to: url) }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: errors)
      try process.run()
    }

    /// Whether it has written something to standard output.
    public var hasSpoken: Bool { (try? Data(contentsOf: output).isEmpty) == false }

    /// Sends a signal to the command and to nothing else: a number of 0 or below would be a group of processes.
    public func send(_ signal: Int32) {
      let identifier = process.processIdentifier
      if process.isRunning && identifier > 1 { kill(identifier, signal) }
    }

    /// Waits until something holds, or the command ends, with a look every half millisecond.
    public func wait(until holds: () -> Bool) {
      while process.isRunning && !holds() { usleep(500) }
    }

    /// Waits for the end. The status is that of the signal where it ended by one.
    public func outcome() throws -> Outcome {
      process.waitUntilExit()
      return Outcome(
        status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
        errors: try String(contentsOf: errors, encoding: .utf8))
    }
  }
}
