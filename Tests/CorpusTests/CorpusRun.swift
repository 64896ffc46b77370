import ByteStorage
import Foundation
import TestSupport

/// The built command at work on one case: a process of its own, held to memory that the system enforces.
struct CorpusRun {
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
    let limit = BuiltCommand.isSanitized ? "" : "ulimit -d \(CorpusRun.dataKilobytes); "
    process.arguments = ["-c", "ulimit -c 0; \(limit)exec \"$@\"", "sh", BuiltCommand.url.path] + arguments + ["--json"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["TMPDIR": folder.scratchPath, "HF_HUB_CACHE": folder.cachePath]) { $1 }
    // Files instead of pipes: nothing to drain, however much is printed.
    let texts = try TemporaryFolder()
    for name in ["output", "errors"] { try texts.write([], to: name) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: texts.path("output")))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: texts.path("errors")))
    try process.run()
    HangGuard.wait(for: process)
    status = process.terminationStatus
    wasKilled = process.terminationReason == .uncaughtSignal
    output = try texts.read("output")
    errors = String(decoding: try texts.read("errors"), as: UTF8.self)
  }
}
