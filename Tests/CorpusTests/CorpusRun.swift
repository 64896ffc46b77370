import ByteStorage
import Foundation
import TestSupport

/// The built command at work on one case: a process of its own, held to limits that the system enforces.
struct CorpusRun {
  /// Seconds of processor time, over all threads.
  static let processorSeconds = BuiltCommand.isSanitized ? 60 : 2
  /// A machine that is busy with other things takes longer by the clock than the work does.
  private static let wallSeconds = BuiltCommand.isSanitized ? 120 : 20
  /// KiB of memory that can be written to.
  private static let dataKilobytes = 512 << 10

  let status: Int32
  /// Whether a signal ended it: a crash, or a limit.
  let wasKilled: Bool
  let output: [UInt8]
  let errors: String

  /// The document on standard output.
  var document: JSONValue? { try? JSONValue.parse(output.rawBytes, limits: .trace) }

  init(_ arguments: [String], in folder: CorpusFolder) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let limits = "ulimit -t \(CorpusRun.processorSeconds); " + (BuiltCommand.isSanitized ? "" : "ulimit -d \(CorpusRun.dataKilobytes); ")
    process.arguments = ["-c", "ulimit -c 0; \(limits)exec \"$@\"", "sh", BuiltCommand.url.path] + arguments + ["--json"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": folder.scratchPath]) { $1 }
    // Files instead of pipes: nothing to drain, however much is printed.
    let texts = try TemporaryFolder()
    for name in ["output", "errors"] { try texts.write([], to: name) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: texts.path("output")))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: texts.path("errors")))
    try process.run()
    let identifier = process.processIdentifier
    let watch = DispatchWorkItem { _ = kill(identifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(CorpusRun.wallSeconds), execute: watch)
    process.waitUntilExit()
    watch.cancel()
    status = process.terminationStatus
    wasKilled = process.terminationReason == .uncaughtSignal
    output = try texts.read("output")
    errors = String(decoding: try texts.read("errors"), as: UTF8.self)
  }
}
