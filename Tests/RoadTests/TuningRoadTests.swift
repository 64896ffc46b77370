import Foundation
import TestSupport
import Testing

/// From a bundle to the tree that suits this machine, and on with it.
struct TuningRoadTests {
  @Test func aTreeIsFoundSavedAndUsed() throws {
    let folder = try TemporaryFolder()
    let (path, bundle) = (try Fixtures.golden("llama2-tiny"), folder["pair.griffin"])
    #expect(try Program.run(["convert", "--target", "\(path)/target", "--draft", "\(path)/draft", "-o", bundle]).status == 0)
    let tree = bundle + ".tree.json"
    let missing = try Program.run(["generate", bundle, "--tree", "auto", "--prompt-ids", "1,450"])
    #expect(missing.status == 66 && missing.errors.contains("griffin tune"))

    let prompts = ["--prompt-ids", "1,450,7", "--prompt-ids", "1,499,497,262", "--max-new-tokens", "32"]
    let tuned = try Program.run(["tune", bundle, "--save", tree, "--json"] + prompts)
    #expect(tuned.status == 0, "\(tuned.errors)")
    let document = try tuned.json
    let nodes = try #require(document["total_tokens"] as? Int)
    #expect(document["depth"] is Int && document["top_k"] is Int && document["expected_speedup"] is Double)
    #expect((document["pass_seconds"] as? [String: Double])?.keys.contains("64") == true)
    #expect((document["acceptance_by_position"] as? [Double])?.isEmpty == false)
    #expect((document["trees"] as? [Any])?.count == 5)
    #expect(try Program.run(["tune", bundle, "--save", tree] + prompts).status == 73)

    let prompt = ["--prompt-ids", "1,450,7", "--json"]
    let plain = try Program.run(["generate", bundle, "--no-draft"] + prompt).json
    let with = try Program.run(["generate", bundle, "--tree", "auto"] + prompt)
    #expect(try with.json["ids"] as? [Int] == plain["ids"] as? [Int])
    #expect((try with.json["phase_seconds"] as? [String: Double])?.keys.sorted() == ["draft_prompt", "drafting", "prompt", "target"])
    #expect((plain["phase_seconds"] as? [String: Double])?.keys.sorted() == ["plain", "prompt"])
    #expect(try with.json["warnings"] as? [String] == [])

    let record = folder["trace.json"]
    #expect(try Program.run(["verify", bundle, "--tree", tree, "--record", record, "--prompt-ids", "1,450,7"]).status == 0)
    let trace = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: record))) as? [String: Any]
    #expect((trace?["settings"] as? [String: Any])?["total_tokens"] as? Int == nodes)
    for flags in [["--total-tokens", "8"], ["--depth", "2"], ["--top-k", "2"], ["--trace", record]] {
      #expect(try Program.run(["verify", bundle, "--tree", tree] + flags).status == 64, "\(flags)")
    }

    // Of another bundle a tree is used, and that is said.
    let other = folder["other.griffin"]
    #expect(try Program.run(["quantize", bundle, "--recipe", "q8_0", "-o", other]).status == 0)
    let foreign = try Program.run(["generate", other, "--tree", tree] + prompt)
    #expect((try foreign.json["warnings"] as? [String])?.contains { $0.contains("another bundle") } == true)
    let half = folder["half.griffin"]
    #expect(try Program.run(["convert", "--target", "\(path)/target", "-o", half]).status == 0)
    #expect(try Program.run(["tune", half]).status == 64)
  }

  @Test func whatWasFoundIsShownToPeople() throws {
    let folder = try TemporaryFolder()
    let (path, bundle) = (try Fixtures.golden("qwen2-tiny"), folder["pair.griffin"])
    #expect(try Program.run(["convert", "--target", "\(path)/target", "--draft", "\(path)/draft", "-o", bundle]).status == 0)
    let shown = try Program.run(["tune", bundle, "--prompt", "Once upon a time", "--max-new-tokens", "32"])
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("x plain decoding") && shown.output.contains("tokens/cycle") && shown.output.contains("█"))
    #expect(shown.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
    let few = try Program.run(["tune", bundle, "--prompt", "Once", "--max-new-tokens", "4"])
    #expect(few.status == 64 && few.errors.contains("--max-new-tokens"))
  }
}
