import Foundation
import TestSupport
import Testing

/// From GGUF files to a verified bundle, as a user goes.
struct GGUFRoadTests {
  @Test(arguments: ["llama31-tiny", "mixtral-tiny", "qwen2-tiny"]) func convertsInspectsAndVerifies(pair: String) throws {
    let folder = try TemporaryFolder()
    let golden = try Fixtures.golden(pair)
    let (source, bundle) = ("\(golden)/\(pair).gguf", folder.path("pair.griffin"))
    let inspected = try Program.run(["inspect", source, "--json"])
    #expect(inspected.status == 0, "\(inspected.errors)")
    let target = try #require(try inspected.json["target"] as? [String: Any])
    #expect(["llama", "mixtral", "qwen2"].contains { $0 == target["family"] as? String })

    let converted = try Program.run(["convert", "--target", source, "--draft", "\(golden)/draft", "-o", bundle, "--json"])
    #expect(converted.status == 0, "\(converted.errors)")
    let draft = try #require(try converted.json["draft"] as? [String: Any])
    #expect(draft["embedding"] as? String == "identical")
    let verified = try Program.run(["verify", bundle, "--trace", "\(golden)/trace.json", "--json"])
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(try verified.json["ok"] as? Bool == true)
  }

  @Test func inspectsWhateverConvertTakes() throws {
    let golden = try Fixtures.golden("llama2-tiny")
    let target = try Program.run(["inspect", "\(golden)/target", "--tensors"])
    #expect(target.status == 0 && target.output.contains("llama") && target.output.contains("model.norm.weight"))
    let draft = try Program.run(["inspect", "\(golden)/draft", "--json"])
    let described = try #require(try draft.json["draft"] as? [String: Any])
    #expect(described["kind"] as? String == "griffin" && described["embedding"] as? String == "possible")
    #expect(try draft.json["target"] is NSNull)
  }

  @Test func anotherPartOfASplitIsRefusedWithAHint() throws {
    let golden = try Fixtures.golden("llama2-split")
    let outcome = try Program.run(["inspect", "\(golden)/split-llama2-00003-of-00004.gguf"])
    #expect(outcome.status == 65)
    #expect(outcome.lines("hint:").contains { $0.contains("split-llama2-00001-of-00004.gguf") })
  }
}
