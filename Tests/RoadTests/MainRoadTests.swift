import Foundation
import TestSupport
import Testing

/// From released files to a verified bundle, as a user goes.
struct MainRoadTests {
  static let pairs = ["llama2-tiny", "llama2-wide"]

  @Test(arguments: pairs) func convertsInspectsVerifiesAndGenerates(pair: String) throws {
    let folder = try TemporaryFolder()
    let (bundle, converted) = try Golden.convert(pair, into: folder, arguments: ["--json"])
    #expect(converted.status == 0, "\(converted.errors)")
    let conversion = try converted.json
    #expect(
      Set(conversion.keys).isSuperset(of: [
        "output", "digest", "bytes", "tensors", "payloads", "seconds", "source_bytes", "peak_memory_bytes", "types", "target",
        "draft", "warnings",
      ]))
    #expect((conversion["draft"] as? [String: Any])?["embedding"] as? String == "identical")
    #expect((conversion["target"] as? [String: Any])?["family"] as? String == "llama")
    // 4 layers of 9 tensors, embedding, norm and head; 15 of the draft, whose embedding is the target's.
    #expect(conversion["tensors"] as? Int == 39 + 15)
    #expect(folder.names == ["\(pair).griffin"])

    let inspected = try Program.run(["inspect", bundle, "--json", "--tensors"])
    #expect(inspected.status == 0)
    let description = try inspected.json
    #expect(
      Set(description.keys).isSuperset(of: [
        "format_version", "digest", "bytes", "target", "draft", "tokenizer", "chat_template", "recipe", "provenance",
        "attachments", "tensors", "warnings",
      ]))
    #expect(description["digest"] as? String == conversion["digest"] as? String)
    let tensors = try #require(description["tensors"] as? [[String: Any]])
    #expect(Set(tensors[0].keys) == ["name", "type", "shape", "offset", "bytes", "sha256"])
    let embeddings = tensors.filter { ($0["name"] as? String)?.hasSuffix("embed_tokens.weight") == true }
    #expect(embeddings.count == 2 && embeddings[0]["offset"] as? Int == embeddings[1]["offset"] as? Int)

    for trace in ["trace.json", "trace-small-tree.json"] {
      let verified = try Program.run(["verify", bundle, "--trace", Golden.path("\(pair)/\(trace)"), "--json"])
      #expect(verified.status == 0, "\(verified.output)")
      let report = try verified.json
      #expect(report["ok"] as? Bool == true)
      let cases = try #require(report["cases"] as? [[String: Any]])
      #expect(cases.allSatisfy { $0["identical"] as? Bool == true && $0["differing_trees"] as? Int == 0 })
    }

    let generated = try Program.run(["generate", bundle, "--prompt-ids", "1,499,497,262", "--max-new-tokens", "12", "--json"])
    let plain = try Program.run(["generate", bundle, "--prompt-ids", "1,499,497,262", "--max-new-tokens", "12", "--no-draft", "--json"])
    #expect(generated.status == 0 && plain.status == 0)
    #expect(try generated.json["ids"] as? [Int] == plain.json["ids"] as? [Int])
    #expect(try (generated.json["acceptance_length"] as? Double ?? 0) > 1)
  }

  @Test func theBytesDoNotDependOnThreads() throws {
    let (one, two) = (try TemporaryFolder(), try TemporaryFolder())
    let (first, outcome) = try Golden.convert("llama2-tiny", into: one, arguments: ["--threads", "1"])
    let (second, _) = try Golden.convert("llama2-tiny", into: two, arguments: ["--threads", "2"])
    #expect(outcome.status == 0)
    #expect(try Data(contentsOf: URL(filePath: first)) == Data(contentsOf: URL(filePath: second)))
  }

  @Test func verifiesWithoutBeingTold() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let report = try Program.run(["verify", bundle, "--json"]).json
    let cases = try #require(report["cases"] as? [[String: Any]])
    #expect(report["ok"] as? Bool == true && cases.count == 4)
    #expect(cases.allSatisfy { ($0["vanilla_ids"] as? [Int])?.isEmpty == false })
    let checks = try #require(report["checks"] as? [[String: Any]])
    #expect(checks.first?["name"] as? String == "integrity")
  }

  @Test func aRecordedTraceVerifies() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let trace = folder["mine.json"]
    let recorded = try Program.run([
      "verify", bundle, "--prompt-ids", "1,499,497,262", "--prompt-ids", "1,5,9", "--total-tokens", "20", "--depth", "3",
      "--top-k", "4", "--max-new-tokens", "20", "--record", trace,
    ])
    #expect(recorded.status == 0, "\(recorded.errors)")
    #expect(try Program.run(["verify", bundle, "--trace", trace]).status == 0)
    // Nobody's trace is overwritten unasked.
    let again = try Program.run(["verify", bundle, "--prompt-ids", "1", "--record", trace])
    #expect(again.status == 73)
  }

  @Test func aWrongTraceFails() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let text = try String(contentsOfFile: Golden.path("llama2-tiny/trace.json"), encoding: .utf8)
    let damaged = text.replacing("\"vanilla_ids\":[445,1535", with: "\"vanilla_ids\":[445,1534")
    #expect(damaged != text)
    try damaged.write(toFile: folder["wrong.json"], atomically: true, encoding: .utf8)
    let outcome = try Program.run(["verify", bundle, "--trace", folder["wrong.json"], "--json"])
    #expect(outcome.status == 1)
    #expect(try outcome.json["ok"] as? Bool == false)
  }

  @Test func aFlippedBitIsFoundAndNamed() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let description = try Program.run(["inspect", bundle, "--json", "--tensors"]).json
    let tensors = try #require(description["tensors"] as? [[String: Any]])
    let victim = try #require(tensors.first { $0["name"] as? String == "draft/fc.fc.weight" })
    let offset = try #require(victim["offset"] as? Int)
    let handle = try FileHandle(forUpdating: URL(filePath: bundle))
    try handle.seek(toOffset: UInt64(offset + 100))
    let byte = try #require(try handle.read(upToCount: 1)?.first)
    try handle.seek(toOffset: UInt64(offset + 100))
    try handle.write(contentsOf: Data([byte ^ 4]))
    try handle.close()
    let outcome = try Program.run(["verify", bundle, "--integrity"])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("draft/fc.fc.weight"))
    // Digests come first: nothing is decoded from damaged weights.
    #expect(try Program.run(["verify", bundle, "--json"]).json["cases"] as? [String] == [])
  }
}
