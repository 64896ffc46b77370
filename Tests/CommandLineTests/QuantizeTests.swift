import Foundation
import Testing

/// Smaller weights, from the command line.
struct QuantizeTests {
  @Test func aBundleOfABundleIsTheBundleOfItsSources() throws {
    let folder = try TemporaryFolder()
    let (copy, _) = try Golden.convert("llama2-tiny", into: folder)
    let quantized = try Program.run(["quantize", copy, "--recipe", "Q8_0", "-o", folder["a.griffin"], "--json"])
    #expect(quantized.status == 0, "\(quantized.errors)")
    let document = try quantized.json
    #expect((document["types"] as? [String: Int]) == ["q8_0": 41, "f16": 13])
    #expect(document["source_bytes"] as? Int == (try FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int))
    let direct = try Program.run([
      "convert", "--target", Golden.path("llama2-tiny/target"), "--draft", Golden.path("llama2-tiny/draft"), "--quantize", "q8_0",
      "-o", folder["b.griffin"], "--json",
    ])
    #expect(try direct.json["digest"] as? String == document["digest"] as? String)
    #expect(try Program.run(["verify", folder["a.griffin"]]).status == 0)
  }

  @Test func flagsOverrideTheRecipe() throws {
    let folder = try TemporaryFolder()
    let (_, outcome) = try Golden.convert(
      "llama2-tiny", into: folder,
      arguments: [
        "--quantize", "q8_0", "--draft-quantize", "copy", "--output-type", "bf16", "--embedding-type", "f32", "--tensor-type",
        "layers\\.0\\.mlp=f32", "--tensor-type", "^draft/layers.*down_proj=q8_0", "--dry-run", "--json",
      ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let plan = try #require(try outcome.json["plan"] as? [[String: Any]])
    let types = Dictionary(uniqueKeysWithValues: plan.map { ($0["name"] as? String ?? "", $0["type"] as? String ?? "") })
    #expect(types["target/lm_head.weight"] == "bf16")
    #expect(types["target/model.embed_tokens.weight"] == "f32")
    #expect(types["target/model.layers.0.mlp.up_proj.weight"] == "f32")
    #expect(types["target/model.layers.1.mlp.up_proj.weight"] == "q8_0")
    #expect(types["draft/layers.0.mlp.down_proj.weight"] == "q8_0")
    #expect(types["draft/fc.fc.weight"] == "f16")
    #expect(folder.names.isEmpty)
  }

  @Test func thePlanIsATable() throws {
    let folder = try TemporaryFolder()
    let (_, outcome) = try Golden.convert("llama2-tiny", into: folder, arguments: ["--quantize", "q8_0", "--dry-run"])
    let line = try #require(outcome.output.split(separator: "\n").first { $0.contains("model.layers.2.mlp.down_proj.weight") })
    #expect(line.split(separator: " ").map(String.init) == [
      "target/model.layers.2.mlp.down_proj.weight", "[128,", "352]", "f16", "q8_0", "47.87", "kB",
    ])
    #expect(outcome.output.contains("nothing was written"))
  }

  @Test(arguments: [
    ["--quantize", "q3"], ["--draft-quantize", "tiny"], ["--tensor-type", "x"], ["--tensor-type", "(=q8_0"],
    ["--output-type", "i8"], ["--tensor-type", "norm=q8_0"], ["--memory", "much"],
  ])
  func wrongFlagsAreUsage(flags: [String]) throws {
    let folder = try TemporaryFolder()
    let (_, outcome) = try Golden.convert("llama2-tiny", into: folder, arguments: flags)
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.lines("error: ").count == 1 && folder.names.isEmpty)
  }

  @Test func quantizingTwiceIsRefused() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder, arguments: ["--quantize", "q8_0"])
    let arguments = ["quantize", bundle, "--recipe", "f16", "-o", folder["again.griffin"]]
    let refused = try Program.run(arguments)
    #expect(refused.status == 65 && refused.errors.contains("--allow-requantize"))
    #expect(folder.names == ["llama2-tiny.griffin"])
    #expect(try Program.run(arguments + ["--allow-requantize"]).status == 0)
    // The output may not be the input.
    #expect(try Program.run(["quantize", bundle, "--recipe", "copy", "-o", bundle, "--force"]).status == 64)
  }

  @Test func aDraftAloneIsVerifiedWithItsTarget() throws {
    let folder = try TemporaryFolder()
    let draft = folder["draft.griffin"]
    #expect(try Program.run(["convert", "--draft", Golden.path("llama2-tiny/draft"), "-o", draft]).status == 0)
    let alone = try Program.run(["verify", draft])
    #expect(alone.status == 0 && alone.lines("warning: ").contains { $0.contains("only integrity and structure") })
    let trace = Golden.path("llama2-tiny/trace-small-tree.json")
    let together = try Program.run(["verify", draft, "--target", Golden.path("llama2-tiny/target"), "--trace", trace])
    #expect(together.status == 0, "\(together.errors)")
    #expect(try Program.run(["verify", draft, "--trace", trace]).status == 64)
  }
}
