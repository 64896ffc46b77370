import Foundation
import TestSupport
import Testing

/// Bundles written as GGUF files by the built command.
struct ExportGGUFTests {
  /// What the exported file is converted to decodes as the bundle does, and its tokenizer gives the same ids.
  @Test(arguments: ["llama2-tiny", "qwen2-tiny", "mixtral-tiny", "llama31-tiny"]) func filesDecodeAsTheBundle(name: String) throws {
    let folder = try TemporaryFolder()
    let (bundle, again) = (folder["target.griffin"], folder["again.griffin"])
    let target = try Fixtures.golden(name) + "/target"
    #expect(try Program.run(["convert", "--target", target, "-o", bundle]).status == 0)
    let outcome = try Program.run(["export", bundle, "--format", "gguf", "-o", folder["out.gguf"], "--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let check = try #require(try outcome.json["check"] as? [String: Any])
    #expect(check["ids_equal"] as? Bool == true && (check["max_logit_difference"] as? Double ?? 1) < 1e-4)
    let files = try #require(try outcome.json["files"] as? [[String: Any]])
    #expect(files.count == 1 && files[0]["name"] as? String == folder["out.gguf"])
    #expect(try FileManager.default.attributesOfItem(atPath: folder["out.gguf"])[.size] as? Int == files[0]["bytes"] as? Int)
    #expect(try Program.run(["convert", "--target", folder["out.gguf"], "-o", again]).status == 0)
    let (mine, other) = try (text(bundle, "Once upon a time <s> 123\n\t日本語 don't"), text(again, "Once upon a time <s> 123\n\t日本語 don't"))
    #expect(mine == other && mine.count > 5)
    let (decoded, expected) = try (generated(again), generated(bundle))
    #expect(decoded == expected && !expected.isEmpty)
  }

  private func text(_ bundle: String, _ text: String) throws -> [Int] {
    try #require(try Program.run(["tokenize", bundle, "--json", "--", text]).json["ids"] as? [Int])
  }

  private func generated(_ bundle: String) throws -> [Int] {
    let outcome = try Program.run(["generate", bundle, "--prompt-ids", "7,300,41,900", "--max-new-tokens", "24", "--json"])
    return try #require(try outcome.json["ids"] as? [Int])
  }

  @Test func draftsLieBesideTheirTarget() throws {
    let folder = try TemporaryFolder()
    let files = try Fixtures.golden("llama3-eagle3")
    let bundle = folder["pair.griffin"]
    #expect(try Program.run(["convert", "--target", files + "/target", "--draft", files + "/draft", "-o", bundle]).status == 0)
    let outcome = try Program.run([
      "export", bundle, "--format", "gguf", "-o", folder["pair.gguf"], "--split-max-size", "1MB", "--json",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    // Both halves are read back: the target's parts through the first, and the draft on its target.
    let check = try #require(try outcome.json["check"] as? [String: Any])
    #expect(check["ids_equal"] as? Bool == true && check["max_logit_difference"] as? Double == 0)
    let names = try #require(try outcome.json["files"] as? [[String: Any]]).compactMap { ($0["name"] as? String)?.split(separator: "/").last.map(String.init) }
    #expect(names == (1...4).map { "pair-0000\($0)-of-00004.gguf" } + ["pair-draft.gguf"], "\(names)")
    #expect(Set(folder.names) == Set(names + ["pair.griffin"]))
    let again = folder["again.griffin"]
    #expect(try Program.run(["convert", "--target", folder[names[0]], "--draft", folder["pair-draft.gguf"], "-o", again]).status == 0)
    let traced = try Program.run(["verify", again, "--trace", files + "/trace.json"])
    #expect(traced.status == 0, "\(traced.output)\(traced.errors)")
  }

  /// Ctrl-C leaves nothing under the output's name, and nothing beside it.
  @Test(arguments: ["gguf", "safetensors"]) func interruptsLeaveNothing(format: String) throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-wide", into: folder)
    let before = folder.names
    let running = try Program.Running(["export", bundle, "--format", format, "-o", folder["out"], "--component", "target"])
    running.wait { folder.names.contains("out.partial") }
    // Held, so that the signal is there when it goes on.
    running.send(SIGSTOP)
    running.send(SIGINT)
    running.send(SIGCONT)
    let outcome = try running.outcome()
    #expect(outcome.status == 130, "\(outcome.errors)")
    #expect(folder.names == before)
  }

  @Test func draftsWithoutAPlaceAreRefusedOrLeftOut() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let refused = try Program.run(["export", bundle, "--format", "gguf", "-o", folder["a.gguf"], "--component", "draft"])
    #expect(refused.status != 0 && refused.errors.contains("no runtime's GGUF holds a griffin draft"), "\(refused.errors)")
    #expect(refused.errors.contains("--format safetensors --component draft"))
    let warned = try Program.run(["export", bundle, "--format", "gguf", "-o", folder["a.gguf"], "--no-check"])
    #expect(warned.status == 0 && warned.errors.contains("the target alone is exported"), "\(warned.errors)")
    #expect(folder.names.filter { $0.hasSuffix(".gguf") } == ["a.gguf"])
  }
}
