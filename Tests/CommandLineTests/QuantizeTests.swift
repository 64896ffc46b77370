import Foundation
import TestSupport
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
    let lines = outcome.output.split(separator: "\n")
    let place = try #require(lines.firstIndex(of: "target/model.layers.2.mlp.down_proj.weight"))
    #expect(lines[place + 1].split(separator: " ").map(String.init) == ["[128,", "352]", "f16", "q8_0", "47.87", "kB"])
    #expect(outcome.output.contains("nothing was written"))
  }

  /// Mixes give parts of a layer types of their own, and say how far values moved.
  @Test func mixesAndStatsAreReported() throws {
    let folder = try TemporaryFolder()
    let arguments = ["--quantize", "Q4_K_M", "--draft-quantize", "q6_k", "--stats"]
    let (_, outcome) = try Golden.convert("llama2-wide", into: folder, arguments: arguments + ["--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let document = try outcome.json
    let types = try #require(document["types"] as? [String: Int])
    #expect(Set(types.keys) == ["q4_k", "q6_k", "f16"])
    let errors = try #require(document["errors"] as? [[String: Any]])
    #expect(errors.count == types.values.reduce(0, +) - (types["f16"] ?? 0) - 1, "the draft's embedding is shared")
    for error in errors {
      #expect(Set(error.keys) == ["tensor", "type", "rmse", "max", "cosine"])
      let (rmse, cosine) = (try #require(error["rmse"] as? Double), try #require(error["cosine"] as? Double))
      let largest = try #require(error["max"] as? Double)
      #expect(rmse > 0 && rmse <= largest && cosine > 0.99 && cosine < 1)
    }
    #expect(try Data(contentsOf: URL(filePath: folder["llama2-wide.griffin"])).range(of: Data("\"errors\":{\"rmse\":".utf8)) != nil)
    #expect(try Program.run(["verify", folder["llama2-wide.griffin"], "--integrity"]).status == 0)
    let (_, text) = try Golden.convert("llama2-wide", into: folder, arguments: arguments + ["--force"])
    #expect(text.output.contains { $0 == "\n" } && text.output.contains("rmse") && text.output.contains("lm_head.weight"))
    let (_, plain) = try Golden.convert("llama2-wide", into: folder, arguments: ["--quantize", "q4_0", "--force", "--json"])
    #expect(try plain.json["errors"] == nil)
  }

  /// Importance changes what is stored; a file for another model is refused by the tensor's name, a broken one by its own.
  @Test func importanceMatricesAreTaken() throws {
    let folder = try TemporaryFolder()
    func matrix(_ columns: Int, _ name: String) throws -> String {
      var bytes: [UInt8] = []
      func add(_ number: Int) { bytes += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
      let tensor = "blk.0.attn_q.weight"
      add(1)
      add(tensor.utf8.count)
      bytes += Array(tensor.utf8)
      add(2)
      add(columns)
      for column in 0..<columns { add(Int(Float(column % 5).bitPattern)) }
      try Data(bytes).write(to: URL(filePath: folder[name]))
      return folder[name]
    }
    let (_, without) = try Golden.convert("llama2-wide", into: folder, arguments: ["--quantize", "q4_k", "--json"])
    let fitting = ["--quantize", "q4_k", "--json", "--force", "--imatrix", try matrix(256, "fitting.dat")]
    let (_, with) = try Golden.convert("llama2-wide", into: folder, arguments: fitting)
    #expect(with.status == 0, "\(with.errors)")
    #expect(try with.json["digest"] as? String != without.json["digest"] as? String)
    let warnings = try #require(try with.json["warnings"] as? [String])
    #expect(warnings.contains { $0.contains("says nothing of 27 quantized tensors") }, "\(warnings)")
    let other = ["--quantize", "q4_k", "--force", "--imatrix", try matrix(250, "other.dat")]
    let (_, refused) = try Golden.convert("llama2-wide", into: folder, arguments: other)
    #expect(refused.status == 65 && refused.errors.contains("self_attn.q_proj.weight"), "\(refused.errors)")
    let model = Golden.path("llama2-wide/target/model.safetensors")
    let (_, wrong) = try Golden.convert("llama2-wide", into: folder, arguments: ["--quantize", "q4_k", "--force", "--imatrix", model])
    #expect(wrong.status == 65 && wrong.lines("error: ").count == 1)
    let (_, missing) = try Golden.convert("llama2-wide", into: folder, arguments: ["--quantize", "q4_k", "--imatrix", folder["no"], "--force"])
    #expect(missing.status == 66)
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
