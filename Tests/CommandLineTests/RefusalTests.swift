import Foundation
import TestSupport
import Testing

/// What bad input and wrong usage come to: the contract's exit code, one clear line, no output file.
struct RefusalTests {
  /// Converts from `target` and `draft`, and expects a refusal that leaves nothing behind.
  private func expectRefusal(
    target: String?, draft: String?, status: Int32, saying words: [String], in folder: TemporaryFolder,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = folder.names
    let output = folder["out.griffin"]
    let arguments =
      ["convert"] + (target.map { ["--target", $0] } ?? []) + (draft.map { ["--draft", $0] } ?? []) + ["-o", output]
    let outcome = try Program.run(arguments)
    #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.lines("error: ").count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
    for word in words {
      #expect(outcome.errors.contains(word), "\(word) in \(outcome.errors)", sourceLocation: sourceLocation)
    }
    #expect(folder.names == before, sourceLocation: sourceLocation)
    let document = try Program.run(arguments + ["--json"]).json
    let error = try #require(document["error"] as? [String: Any], sourceLocation: sourceLocation)
    #expect(error["code"] as? Int == Int(status), sourceLocation: sourceLocation)
    #expect(error["kind"] is String && error["message"] is String, sourceLocation: sourceLocation)
  }

  private let shard = "model-00002-of-00003.safetensors"

  @Test func aTruncatedShard() throws {
    let folder = try TemporaryFolder()
    let target = try Golden.copy("llama2-tiny/target", to: folder, as: "target")
    let handle = try FileHandle(forUpdating: target.appending(path: shard))
    try handle.truncate(atOffset: try handle.seekToEnd() - 1000)
    try handle.close()
    try expectRefusal(
      target: target.path, draft: Golden.path("llama2-tiny/draft"), status: 65, saying: [shard], in: folder)
  }

  @Test func aMissingShard() throws {
    let folder = try TemporaryFolder()
    let target = try Golden.copy("llama2-tiny/target", to: folder, as: "target")
    try FileManager.default.removeItem(at: target.appending(path: shard))
    try expectRefusal(
      target: target.path, draft: Golden.path("llama2-tiny/draft"), status: 66, saying: [shard], in: folder)
  }

  @Test func aWrongShape() throws {
    let folder = try TemporaryFolder()
    let target = try Golden.copy("llama2-tiny/target", to: folder, as: "target")
    let config = target.appending(path: "config.json")
    let text = try String(contentsOf: config, encoding: .utf8)
    try text.replacing("\"intermediate_size\": 352", with: "\"intermediate_size\": 384").write(
      to: config, atomically: true, encoding: .utf8)
    try expectRefusal(
      target: target.path, draft: nil, status: 65,
      saying: ["model.layers.0.mlp.gate_proj.weight", "[384, 128]", "[352, 128]"], in: folder)
  }

  @Test func aPickleThatCallsTheShell() throws {
    let folder = try TemporaryFolder()
    let draft = try Golden.copy("llama2-tiny/draft", to: folder, as: "draft")
    let marker = folder["executed"]
    // cposix\nsystem\n(S'touch …'\ntR. : what a malicious checkpoint looks like, without a container.
    let pickle = "cposix\nsystem\n(S'touch \(marker)'\ntR."
    try Data(pickle.utf8).write(to: draft.appending(path: "pytorch_model.bin"))
    try expectRefusal(
      target: Golden.path("llama2-tiny/target"), draft: draft.path, status: 65, saying: ["pytorch_model.bin"], in: folder)
    #expect(!FileManager.default.fileExists(atPath: marker))
  }

  @Test func aDraftOfAnotherTarget() throws {
    let folder = try TemporaryFolder()
    try expectRefusal(
      target: Golden.path("llama2-tiny/target"), draft: Golden.path("llama2-wide/draft"), status: 65,
      saying: ["hidden_size", "256", "128"], in: folder)
  }

  @Test func halvesInEachOthersPlace() throws {
    let folder = try TemporaryFolder()
    try expectRefusal(
      target: Golden.path("llama2-tiny/draft"), draft: nil, status: 65, saying: ["griffin draft", "--draft"], in: folder)
    try expectRefusal(
      target: nil, draft: Golden.path("llama2-tiny/target"), status: 65, saying: ["--target"], in: folder)
  }

  @Test func sourcesThatAreNotThere() throws {
    let folder = try TemporaryFolder()
    try expectRefusal(target: folder["nowhere"], draft: nil, status: 66, saying: ["nowhere"], in: folder)
    try expectRefusal(target: nil, draft: nil, status: 64, saying: ["--target"], in: folder)
  }

  @Test func anOutputThatIsThere() throws {
    let folder = try TemporaryFolder()
    let (bundle, first) = try Golden.convert("llama2-tiny", into: folder)
    #expect(first.status == 0)
    let bytes = try Data(contentsOf: URL(filePath: bundle))
    let (_, second) = try Golden.convert("llama2-tiny", into: folder)
    #expect(second.status == 73)
    let (_, third) = try Golden.convert("llama2-tiny", into: folder, arguments: ["--force", "--metadata", "note=again"])
    #expect(third.status == 0, "\(third.errors)")
    #expect(try Data(contentsOf: URL(filePath: bundle)) != bytes)
  }

  @Test func anOutputThatIsAnInput() throws {
    let folder = try TemporaryFolder()
    let target = try Golden.copy("llama2-tiny/target", to: folder, as: "target")
    let victim = target.appending(path: shard)
    let bytes = try Data(contentsOf: victim)
    let outcome = try Program.run(["convert", "--target", target.path, "-o", victim.path, "--force"])
    #expect(outcome.status == 64)
    #expect(try Data(contentsOf: victim) == bytes)
  }

  @Test(arguments: [
    ["convert", "--target", "x", "-o", "y", "--quantize", "q9_9"], ["convert"], ["verify"], ["verify", "x", "--depth", "deep"],
    ["no-such-command"], ["generate", "x", "--prompt-ids", "1,two"], ["inspect", "x", "--threads", "0"],
    ["verify", "x", "--trace", "t.json", "--depth", "3"], ["verify", "x", "--integrity", "--prompt-ids", "1"],
    ["verify", "x", "--total-tokens", "0"],
  ])
  func wrongUsage(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.lines("error: ").count == 1)
    #expect(outcome.output.isEmpty)
  }

  @Test func moreThreadsThanProcessorsAreSaid() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let few = try Program.run(["inspect", bundle, "--threads", "1", "--json"])
    let many = try Program.run(["inspect", bundle, "--threads", "1024", "--json"])
    #expect(few.status == 0 && few.lines("warning: ").isEmpty)
    #expect(many.status == 0 && many.lines("warning: --threads is 1024").count == 1)
  }

  @Test func promptsOutsideTheVocabulary() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    for command in ["generate", "verify"] {
      let outcome = try Program.run([command, bundle, "--prompt-ids", "1,1600"])
      #expect(outcome.status == 64 && outcome.errors.contains("1600"))
    }
  }

  @Test func bundlesThatAreNone() throws {
    let folder = try TemporaryFolder()
    try Data("not a bundle at all".utf8).write(to: folder.url.appending(path: "text.griffin"))
    try Data().write(to: folder.url.appending(path: "empty.griffin"))
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let handle = try FileHandle(forUpdating: URL(filePath: bundle))
    try handle.truncate(atOffset: 200_000)
    try handle.close()
    for command in ["inspect", "verify"] {
      for path in ["text.griffin", "empty.griffin", "llama2-tiny.griffin"] {
        let outcome = try Program.run([command, folder[path]])
        #expect(outcome.status == 65, "\(command) \(path): \(outcome.errors)")
        #expect(outcome.lines("error: ").count == 1 && outcome.errors.contains(path))
      }
      #expect(try Program.run([command, folder["absent.griffin"]]).status == 66)
    }
  }

  @Test func helpIsAnAnswer() throws {
    for arguments in [["--help"], ["help", "verify"], ["convert", "--help"], ["--version"]] {
      let outcome = try Program.run(arguments)
      #expect(outcome.status == 0 && !outcome.output.isEmpty && outcome.errors.isEmpty)
    }
  }
}
