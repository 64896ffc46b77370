import Foundation
import TestSupport
import Testing

/// Inputs that shrink, grow, change or are replaced while a command uses them: exit code 74, and which file it was.
struct ChangedInputTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func change(_ path: String, _ how: String) throws {
    let handle = try FileHandle(forUpdating: URL(filePath: path))
    switch how {
    case "shrinks": try handle.truncate(atOffset: 5000)
    case "grows":
      try handle.seekToEnd()
      try handle.write(contentsOf: Data([1, 2, 3]))
    default:
      try handle.seek(toOffset: 100_000)
      try handle.write(contentsOf: Data([1, 2, 3]))
    }
    try handle.close()
  }

  /// Runs a command that is stopped once something holds, and goes on after a change.
  private func run(
    _ arguments: [String], stoppedOnce holds: (Program.Running) -> Bool, change: () throws -> Void
  ) throws -> Program.Outcome {
    let running = try Program.Running(arguments)
    running.wait { holds(running) }
    running.send(SIGSTOP)
    try change()
    running.send(SIGCONT)
    return try running.outcome()
  }

  private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder[name]) }

  @Test(arguments: ["shrinks", "grows", "changes in place"]) func whileConverting(how: String) throws {
    let target = try Golden.copy("llama2-wide/target", to: folder, as: "target")
    let weights = target.appending(path: "model.safetensors").path
    let arguments = ["convert", "--target", target.path, "--quantize", "iq4_xs", "--threads", "1", "-o", folder["out.griffin"]]
    let outcome = try run(
      arguments, stoppedOnce: { _ in exists("out.griffin.partial.state") }, change: { try change(weights, how) })
    #expect(outcome.status == 74, "\(outcome.errors)")
    #expect(outcome.lines("error: ").count == 1 && outcome.errors.contains("model.safetensors"), "\(outcome.errors)")
    #expect(folder.names == ["target"])
  }

  /// A new file under the name does not touch the one that is open.
  @Test func replacedWhileConverting() throws {
    let target = try Golden.copy("llama2-wide/target", to: folder, as: "target")
    let weights = target.appending(path: "model.safetensors").path
    let arguments = ["convert", "--target", target.path, "--quantize", "iq4_xs", "--threads", "1", "--json", "-o"]
    let digest = try #require(try Program.run(arguments + [folder["first.griffin"]]).json["digest"] as? String)
    let outcome = try run(
      arguments + [folder["out.griffin"]], stoppedOnce: { _ in exists("out.griffin.partial.state") },
      change: {
        try Data("other".utf8).write(to: URL(filePath: folder["new"]))
        #expect(unsafe rename(folder["new"], weights) == 0)
      })
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try outcome.json["digest"] as? String == digest)
  }

  @Test(arguments: ["shrinks", "changes in place"]) func whileDecoding(how: String) throws {
    let (bundle, _) = try Golden.convert("llama2-wide", into: folder)
    let arguments = [
      "generate", bundle, "--prompt-ids", "1,499,497,262", "--max-new-tokens", "400", "--no-draft", "--threads", "1",
    ]
    let outcome = try run(arguments, stoppedOnce: { $0.hasSpoken }, change: { try change(bundle, how) })
    #expect(outcome.status == 74, "\(outcome.errors)")
    #expect(outcome.lines("error: ").count == 1 && outcome.errors.contains("llama2-wide.griffin"), "\(outcome.errors)")
  }

  /// The trace's partial file is there from before the decoding on.
  private func verifying(_ bundle: String) -> [String] {
    ["verify", bundle, "--prompts", "builtin", "--max-new-tokens", "200", "--threads", "1", "--record", folder["trace.json"]]
  }

  /// What a signal handler says is JSON, too, whatever the file's name.
  @Test func whileVerifyingForAProgram() throws {
    let (made, _) = try Golden.convert("llama2-wide", into: folder)
    let bundle = folder["a \"quoted\" \\ name.griffin"]
    try FileManager.default.moveItem(atPath: made, toPath: bundle)
    let outcome = try run(
      verifying(bundle) + ["--json"], stoppedOnce: { _ in exists("trace.json.partial") }, change: { try change(bundle, "shrinks") })
    #expect(outcome.status == 74, "\(outcome.errors)")
    let error = try #require(outcome.json["error"] as? [String: Any])
    #expect(error["code"] as? Int == 74 && error["kind"] as? String == "changed")
    #expect(error["file"] as? String == bundle && error["message"] is String)
  }

  @Test(arguments: ["shrinks", "changes in place"]) func whileVerifying(how: String) throws {
    let (bundle, _) = try Golden.convert("llama2-wide", into: folder)
    let outcome = try run(
      verifying(bundle), stoppedOnce: { _ in exists("trace.json.partial") }, change: { try change(bundle, how) })
    #expect(outcome.status == 74, "\(outcome.errors)")
    #expect(outcome.lines("error: ").count == 1 && outcome.errors.contains("llama2-wide.griffin"), "\(outcome.errors)")
  }
}
