import Foundation
import TestSupport
import Testing

/// Trained pairs of every family through the command: packed as they are and in q8_0, and decoded.
struct FamilyRoadTests {
  private static let pairs = [
    ("vicuna-tiny", "llama", "griffin"), ("llama31-tiny", "llama", "griffin"), ("qwen2-tiny", "qwen2", "griffin"),
    ("mixtral-tiny", "mixtral", "griffin"), ("llama2-eagle2", "llama", "eagle"),
  ]

  @Test(arguments: pairs, ["copy", "q8_0"])
  func pairsVerify(pair: (name: String, family: String, kind: String), recipe: String) throws {
    let folder = try TemporaryFolder()
    let files = try Fixtures.golden(pair.name)
    let target = pair.name == "llama2-eagle2" ? try Fixtures.golden("llama2-tiny") : files
    let bundle = folder.path("pair.griffin")
    let converted = try Program.run([
      "convert", "--target", target + "/target", "--draft", files + "/draft", "-o", bundle, "--quantize", recipe, "--json",
    ])
    #expect(converted.status == 0, "\(converted.errors)")
    #expect((try converted.json["target"] as? [String: Any])?["family"] as? String == pair.family)
    let draft = try #require(try converted.json["draft"] as? [String: Any])
    #expect(draft["kind"] as? String == pair.kind && draft["embedding"] as? String == "identical")

    // A recorded run is one of the original weights; quantized weights are held against themselves.
    let check =
      recipe == "copy"
      ? ["--trace", files + "/trace-small-tree.json"] : ["--prompt-ids", "1,17,300,42", "--max-new-tokens", "24"]
    let verified = try Program.run(["verify", bundle, "--json"] + check)
    #expect(verified.status == 0, "\(verified.errors)")
    let cases = try #require(try verified.json["cases"] as? [[String: Any]])
    #expect(!cases.isEmpty && cases.allSatisfy { $0["identical"] as? Bool == true })
  }
}
