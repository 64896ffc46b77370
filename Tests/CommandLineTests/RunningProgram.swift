import Foundation
import TestSupport

extension Program {
  /// A command that runs while the test goes on.
  final class Running {
    private let process = Process()
    private let scratch: CommandLineTests.TemporaryFolder
    private let output: URL
    private let errors: URL

    /// - Parameter limit: Blocks of 512 bytes that a file may have; nil for no limit.
    init(_ arguments: [String], limit: Int? = nil) throws {
      scratch = try CommandLineTests.TemporaryFolder()
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
    var hasSpoken: Bool { (try? Data(contentsOf: output).isEmpty) == false }

    /// Sends a signal to the command and to nothing else: a number of 0 or below would be a group of processes.
    func send(_ signal: Int32) {
      let identifier = process.processIdentifier
      if process.isRunning && identifier > 1 { kill(identifier, signal) }
    }

    /// Waits until something holds, or the command ends, with a look every half millisecond.
    func wait(until holds: () -> Bool) {
      while process.isRunning && !holds() { usleep(500) }
    }

    /// Waits for the end. The status is that of the signal where it ended by one.
    func outcome() throws -> Outcome {
      process.waitUntilExit()
      return Outcome(
        status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
        errors: try String(contentsOf: errors, encoding: .utf8))
    }
  }
}
