import ByteStorage
import Foundation
import TestSupport
import Testing

/// Exported drafts as runtimes would read them, whole and with something planted.
struct LoaderRoadTests {
  /// What `inspect --for` says of a folder.
  private struct Verdict {
    let method: String?
    let isFaithful: Bool
    /// Effects by subject.
    let findings: [String: String]

    init(_ path: String, _ runtime: String) throws {
      let outcome = try Program.run(["inspect", path, "--for", runtime, "--json"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let verdict = try #require((try outcome.json["runtimes"] as? [[String: Any]])?.first)
      method = verdict["loads_as"] as? String
      isFaithful = verdict["faithful"] as? Bool ?? false
      let list = verdict["findings"] as? [[String: Any]] ?? []
      findings = Dictionary(list.map { ($0["subject"] as? String ?? "", $0["effect"] as? String ?? "") }, uniquingKeysWith: { first, _ in first })
    }
  }

  private func export(_ name: String, _ format: String, in folder: TemporaryFolder) throws -> String {
    let files = try Fixtures.golden(name)
    let target = name == "llama2-eagle2" ? try Fixtures.golden("llama2-tiny") : files
    let bundle = folder["\(name).griffin"]
    #expect(try Program.run(["convert", "--target", target + "/target", "--draft", files + "/draft", "-o", bundle]).status == 0)
    let out = folder["\(name)-\(format)"]
    let outcome = try Program.run(["export", bundle, "--format", format, "-o", out, "--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let check = try #require(try outcome.json["check"] as? [String: Any])
    #expect(check["ids_equal"] as? Bool == true)
    let difference = try #require(check["max_logit_difference"] as? Double)
    // A folded bias moves the draft's logits by what rounding the embedding leaves; everything else goes out as it is.
    #expect(name == "llama2-eagle2" && format == "vllm" ? difference > 0 && difference < 0.1 : difference == 0)
    return out
  }

  @Test(arguments: ["llama3-eagle3", "llama2-eagle2"], ["vllm", "sglang"])
  func exportsAreReadAsTheyAre(name: String, runtime: String) throws {
    let folder = try TemporaryFolder()
    let verdict = try Verdict(try export(name, runtime, in: folder), runtime)
    #expect(verdict.isFaithful && verdict.method?.lowercased() == (name == "llama3-eagle3" ? "eagle3" : "eagle"), "\(verdict)")
  }

  /// What a draft's release would lose, as it stands.
  @Test func releasesAreJudged() throws {
    let (eagle, griffin) = (try Fixtures.golden("llama2-eagle2") + "/draft", try Fixtures.golden("vicuna-tiny") + "/draft")
    let vllm = try Verdict(eagle, "vllm")
    #expect(vllm.method == "eagle" && !vllm.isFaithful && vllm.findings["fc.bias"] == "lost")
    #expect(try Verdict(eagle, "sglang").findings["architectures"] == "refused")
    #expect(try Verdict(eagle, "llama.cpp").method == nil)
    #expect(try Verdict(griffin, "vllm").method == nil)
    let all = try Program.run(["inspect", griffin, "--for", "all"])
    #expect(all.status == 0 && all.output.contains("vLLM does not load it") && all.output.contains("fc.mlp"), "\(all.output)")
    #expect(try Program.run(["inspect", griffin, "--for", "onnx"]).status == 64)
  }

  /// Something that is wrong in an exported folder, and the subject and effect by which it is named.
  private struct Plant: Sendable, CustomTestStringConvertible {
    let name: String
    let runtime: String
    let subject: String
    let effect: String
    var config: @Sendable (inout [String: Any]) -> Void = { _ in }
    var tensors: @Sendable (inout SafetensorsBuilder) -> Void = { _ in }
    var pair = "llama3-eagle3"

    var testDescription: String { "\(name) for \(runtime)" }
  }

  private static let key = "eagle_aux_hidden_state_layer_ids"

  private static let plants: [Plant] = [
    Plant(name: "a dropped bias", runtime: "sglang", subject: "fc.bias", effect: "random", tensors: { $0.entries.removeAll { $0.name == "fc.bias" } }, pair: "llama2-eagle2"),
    Plant(name: "biases that are declared only", runtime: "vllm", subject: "layers.0.self_attn.q_proj.bias", effect: "random", config: { $0["bias"] = true }, pair: "llama2-eagle2"),
    Plant(
      name: "taps at the top off by one", runtime: "vllm", subject: key, effect: "changed",
      config: { config in config[key] = (config[key] as? [Int])?.map { $0 - 1 } }),
    Plant(
      name: "taps below off by one", runtime: "sglang", subject: key, effect: "changed",
      config: { config in
        var inner = config["eagle_config"] as? [String: Any] ?? [:]
        inner[key] = (inner[key] as? [Int])?.map { $0 + 1 }
        config["eagle_config"] = inner
      }),
    Plant(
      name: "d2t as ids", runtime: "vllm", subject: "d2t", effect: "changed",
      tensors: { file in
        let offsets = file["d2t"].bytes
        file["d2t"].bytes = (0..<offsets.count / 8).flatMap { place in
          littleEndian(UInt64(place) &+ (offsets.rawBytes.littleEndian(UInt64.self, at: 8 * place) ?? 0))
        }
      }),
    Plant(name: "a missing norm", runtime: "vllm", subject: "norm.weight", effect: "random", tensors: { $0.entries.removeAll { $0.name == "norm.weight" } }),
    Plant(name: "a missing norm of the layer", runtime: "llama.cpp", subject: "midlayer.hidden_norm.weight", effect: "refused", tensors: { $0.entries.removeAll { $0.name == "midlayer.hidden_norm.weight" } }),
    Plant(
      name: "a head of another type", runtime: "vllm", subject: "lm_head.weight", effect: "changed",
      tensors: { $0["lm_head.weight"].type = "BF16" }),
    Plant(
      name: "a packed head", runtime: "sglang", subject: "lm_head.weight", effect: "refused",
      tensors: { $0["lm_head.weight"].type = "I16" }),
    Plant(name: "a tensor too many", runtime: "vllm", subject: "extra.weight", effect: "refused", tensors: { $0.entries.append(.init("extra.weight", "F16", "[1]", bytes: [0, 0])) }),
    Plant(name: "the residual's norm", runtime: "sglang", subject: "norm_before_residual", effect: "changed", config: { $0["norm_before_residual"] = true }),
    Plant(name: "a length of training", runtime: "vllm", subject: "max_position_embeddings", effect: "changed", config: { $0["max_position_embeddings"] = 2048 }),
  ]

  @Test(arguments: plants.indices)
  func plantedLossesAreNamed(_ index: Int) throws {
    let plant = LoaderRoadTests.plants[index]
    let folder = try TemporaryFolder()
    let format = plant.runtime == "sglang" ? "sglang" : "vllm"
    let out = try export(plant.pair, format, in: folder)
    #expect(try Verdict(out, plant.runtime).findings[plant.subject] == nil)
    let config = URL(filePath: out + "/draft/config.json")
    var document = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: config)) as? [String: Any])
    plant.config(&document)
    try JSONSerialization.data(withJSONObject: document).write(to: config)
    let weights = URL(filePath: out + "/draft/model.safetensors")
    var content = try SafetensorsBuilder(parsing: Array(Data(contentsOf: weights)))
    plant.tensors(&content)
    try Data(content.bytes).write(to: weights)
    let verdict = try Verdict(out, plant.runtime)
    #expect(!verdict.isFaithful && verdict.findings[plant.subject] == plant.effect, "\(plant.name): \(verdict)")
  }
}
