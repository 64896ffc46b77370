import Foundation
import TestSupport
import Testing

/// Plans of real sizes by the command: nothing of hundreds of gigabytes is read, written or resident.
struct ReleasedDryRunTests {
  @Test(arguments: ["LLaMA 2 7B", "LLaMA 3 70B", "Qwen2 7B"]) func pairsOfRealSizes(name: String) throws {
    let folder = try TemporaryFolder()
    let released = try #require(ReleasedModel.targets.first { $0.name == name })
    let draft = try #require(ReleasedModel.drafts.first { $0.name == name })
    let outcome = try Program.run([
      "convert", "--target", try released.expand(into: folder, as: "target"),
      "--draft", try draft.expand(into: folder, as: "draft"), "-o", folder.path("out.griffin"), "--dry-run", "--json",
    ])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let plan = try outcome.json
    #expect((plan["target"] as? [String: Any])?["parameters"] as? Int == released.parameters)
    let packed = try #require(plan["draft"] as? [String: Any])
    #expect(packed["kind"] as? String == "griffin" && packed["embedding"] as? String == "possible")
    #expect(plan["digest"] is NSNull)
    #expect(try #require(plan["bytes"] as? Int) > 2 * released.parameters)
    #expect(try #require(plan["peak_memory_bytes"] as? Int) < 256 << 20)
    #expect(folder.names == ["draft", "target"])
  }

  @Test func experts() throws {
    let folder = try TemporaryFolder()
    let released = try #require(ReleasedModel.targets.last)
    let outcome = try Program.run([
      "convert", "--target", try released.expand(into: folder, as: "target"), "-o", folder.path("out.griffin"), "--dry-run",
      "--json",
    ])
    #expect(outcome.status == 0)
    let plan = try outcome.json
    let target = try #require(plan["target"] as? [String: Any])
    #expect(target["family"] as? String == "mixtral" && target["parameters"] as? Int == 140_620_634_112)
    #expect(plan["tensors"] as? Int == 56 * (4 + 2 + 1 + 8 * 3) + 3)
    #expect(try #require(plan["peak_memory_bytes"] as? Int) < 256 << 20)
  }

  /// Mixtures of 36,000 tensors in 118 files and releases in FP8 are described from their headers.
  @Test(arguments: ["Qwen3 235B A22B", "Qwen3 32B FP8", "DeepSeek R1 Distill Qwen 32B"]) func releasesOfTodayAreInspected(name: String) throws {
    let folder = try TemporaryFolder()
    let released = try #require((ReleasedModel.targets + [ReleasedModel.fp8]).first { $0.name == name })
    let outcome = try Program.run(["inspect", try released.expand(into: folder, as: "target"), "--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let target = try #require(try outcome.json["target"] as? [String: Any])
    #expect(target["family"] as? String == released.family && target["parameters"] as? Int == released.parameters)
  }

  @Test func draftsOfOtherTargetsAreRefused() throws {
    let folder = try TemporaryFolder()
    let outcome = try Program.run([
      "convert", "--target", try ReleasedModel.targets[0].expand(into: folder, as: "target"), "--draft",
      try ReleasedModel.drafts[3].expand(into: folder, as: "draft"), "-o", folder.path("out.griffin"), "--dry-run",
    ])
    #expect(outcome.status == 65)
    #expect(
      outcome.errors.contains(
        "its hidden_size is 8192 where the target has 4096, its vocab_size is 128256 where the target has 32000"))
  }
}

/// What a draft is, said by its user.
struct DraftKindTests {
  @Test func labelsAreTheUsersToGive() throws {
    let folder = try TemporaryFolder()
    let (draft, target) = (try Fixtures.golden("llama2-eagle2") + "/draft", Golden.path("llama2-tiny/target"))
    for (arguments, kind) in [([], "eagle"), (["--draft-kind", "eagle"], "eagle"), (["--draft-kind", "hass"], "hass")] {
      let bundle = folder.path("\(kind).griffin")
      let outcome = try Program.run(
        ["convert", "--target", target, "--draft", draft, "-o", bundle, "--force", "--json"] + arguments)
      #expect(outcome.status == 0)
      #expect((try outcome.json["draft"] as? [String: Any])?["kind"] as? String == kind)
      let shown = try Program.run(["inspect", bundle, "--json"])
      #expect((try shown.json["draft"] as? [String: Any])?["kind"] as? String == kind)
      let trace = try Fixtures.golden("llama2-eagle2") + "/trace-small-tree.json"
      #expect(try Program.run(["verify", bundle, "--trace", trace]).status == 0)
    }
  }

  @Test func wrongKindsAreRefused() throws {
    let folder = try TemporaryFolder()
    let draft = Golden.path("llama2-tiny/draft")
    for (arguments, status, words) in [
      (
        ["--draft", draft, "--draft-kind", "hass"], 65,
        "the tensors are not those of a draft of kind hass: they are those of griffin"
      ),
      (["--draft", draft, "--draft-kind", "medusa"], 64, "unknown draft kind medusa"),
      (["--target", Golden.path("llama2-tiny/target"), "--draft-kind", "griffin"], 64, "--draft-kind says what a draft is"),
    ] as [([String], Int32, String)] {
      let outcome = try Program.run(["convert", "-o", folder.path("out.griffin")] + arguments)
      #expect(outcome.status == status && outcome.errors.contains(words), "\(outcome.errors)")
      #expect(folder.names.isEmpty)
    }
  }
}
