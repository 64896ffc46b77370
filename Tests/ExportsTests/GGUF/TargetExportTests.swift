import Bundles
import ByteStorage
import Exports
import Models
import Tensors
import TestSupport
import Testing

/// Targets of every family as llama.cpp's architectures, and what those have no place for.
@Suite struct TargetExportTests {
  private static func road(_ options: TinyModel.Options) throws -> ExportRoad {
    let road = try ExportRoad()
    let model = try TinyModel.target(options)
    try road.pack(TargetModel.recognise(model.source, config: model.document()))
    return road
  }

  private static func options(_ family: String, _ change: (inout TinyModel.Options) -> Void = { _ in }) -> TinyModel.Options {
    var options = TinyModel.Options.family(family, type: .bf16)
    // llama.cpp's qwen2 has heads that are together as wide as the model.
    if family.hasPrefix("qwen2") { options.headDimension = nil }
    // Its mixtures have experts in all layers, and its smollm3 rotates in three of four.
    if options.extra["mlp_only_layers"] != nil { options.extra["mlp_only_layers"] = [] }
    if family == "smollm3" { options.extra = [:] }
    change(&options)
    return options
  }

  @Test(arguments: TinyModel.Options.families) func everyFamilyHasAnArchitecture(family: String) throws {
    let file = try #require(try TargetExportTests.road(TargetExportTests.options(family)).export().first)
    let own = ["qwen2": "qwen2", "qwen3": "qwen3", "qwen2_moe": "qwen2moe", "qwen3_moe": "qwen3moe", "smollm3": "smollm3", "granite": "granite"]
    let architecture = own[family] ?? "llama"
    #expect(file.text("general.architecture") == architecture && file.number("general.file_type") == 32)
    #expect(file.number("\(architecture).embedding_length") == 64 && file.number("\(architecture).attention.head_count_kv") == 2)
    for tensor in file.tensors {
      let isWide = tensor.dimensions.count > 1 && !tensor.name.contains("gate_inp")
      #expect(tensor.type == (isWide ? 30 : 0), "\(tensor.name)")
    }
    if family.hasSuffix("_moe") {
      #expect(file.number("\(architecture).expert_feed_forward_length") == 36 && file.tensor("blk.1.ffn_up_exps.weight")?.dimensions == [64, 36, 5])
      #expect((file.tensor("blk.0.ffn_gate_inp_shexp.weight")?.dimensions == [64]) == (family == "qwen2_moe"))
    }
    guard family == "mixtral" else { return }
    #expect(file.number("llama.expert_count") == 5 && file.number("llama.expert_used_count") == 2)
    #expect(file.tensor("blk.1.ffn_down_exps.weight")?.dimensions == [172, 64, 5])
  }

  /// Under the names that the gguf package has for them; in again they are what they were.
  @Test func multipliersComeBack() throws {
    let road = try TargetExportTests.road(TargetExportTests.options("granite"))
    let path = try #require(try road.write(road.plan()).first)
    let file = try GGUFBuilder(path: path)
    for (key, value) in [("embedding_scale", Float(1.5)), ("attention.scale", 0.3), ("residual_scale", 0.6), ("logit_scale", 3)] {
      #expect(file["granite.\(key)"]?.bytes == littleEndian(value.bitPattern), "\(key)")
    }
    let before = try #require(try road.bundle().targetModel())
    try road.pack(target: path)
    let after = try #require(try road.bundle().targetModel())
    #expect(after.family.name == "granite" && after.configuration.multipliers == before.configuration.multipliers)
    #expect(after.tensors.bindings.map(\.role) == before.tensors.bindings.map(\.role))
  }

  @Test func positionsThatAreScaledKeepTheirRule() throws {
    func file(_ scaling: JSONObject) throws -> GGUFBuilder {
      let road = try TargetExportTests.road(TargetExportTests.options("llama") { $0.extra = ["rope_scaling": .object(scaling)] })
      return try #require(try road.export().first)
    }
    let linear = try file(["rope_type": "linear", "factor": 4.0])
    #expect(linear.text("llama.rope.scaling.type") == "linear" && linear["llama.rope.scaling.factor"]?.bytes == littleEndian(Float(4).bitPattern))
    let yarn = try file(["rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 16, "beta_fast": 30.0])
    #expect(yarn.text("llama.rope.scaling.type") == "yarn" && yarn.number("llama.rope.scaling.original_context_length") == 16)
    #expect(yarn["llama.rope.scaling.yarn_beta_fast"]?.bytes == littleEndian(Float(30).bitPattern))
    #expect(yarn["llama.rope.scaling.yarn_beta_slow"] == nil)
    let llama3 = try file([
      "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64,
    ])
    #expect(llama3["llama.rope.scaling.type"] == nil && llama3.tensor("rope_freqs.weight")?.dimensions == [10])
  }

  /// What makes a model one that llama.cpp would not load, or would compute in another way.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let options: TinyModel.Options
    let message: String

    var testDescription: String { message }
  }

  static let refusals = [
    Refusal(options: .family("qwen2"), message: "its heads are 80 wide together and the model 64"),
    Refusal(
      options: options("qwen3") {
        $0.extra = [
          "rope_scaling": [
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64,
          ]
        ]
      }, message: "its rotary frequencies are divided one by one"),
    Refusal(
      options: options("llama") {
        $0.extra = ["rope_scaling": ["rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 16, "attention_factor": 1.5]]
      }, message: "YaRN's attention factor is 1.5"),
    Refusal(options: options("qwen3_moe") { $0.extra["norm_topk_prob"] = false }, message: "its norm_topk_prob is false"),
    Refusal(options: options("qwen3_moe") { $0.extra["mlp_only_layers"] = [1] }, message: "its layer 1 has no experts"),
    Refusal(options: options("qwen2_moe") { $0.extra["norm_topk_prob"] = true }, message: "its norm_topk_prob is true"),
    Refusal(options: options("smollm3") { $0.extra = ["no_rope_layer_interval": 2] }, message: "other layers of it do not rotate"),
    Refusal(
      options: options("llama") {
        $0.extra = ["rope_scaling": ["rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 16, "truncate": false]]
      }, message: "YaRN's ramp is not cut to whole pairs"),
  ]

  @Test(arguments: refusals) func whatHasNoPlaceIsRefused(refusal: Refusal) throws {
    let road = try TargetExportTests.road(refusal.options)
    let error = #expect(throws: GriffinError.self) { try road.plan() }
    #expect(error?.kind == .unsupported && error?.message.contains(refusal.message) == true, "\(error.map { "\($0)" } ?? "")")
    #expect(error?.hints.contains { $0.contains("safetensors") } == true)
  }

  @Test func whatLlamaCppDoesOtherwiseIsSaid() throws {
    let window = try TargetExportTests.road(TargetExportTests.options("mistral"))
    #expect(try window.plan().warnings.contains { $0.contains("no sliding window; texts of more than 4 tokens") })
    #expect(try window.export().first?.number("llama.attention.sliding_window") == 4)
    let dynamic = try TargetExportTests.road(TargetExportTests.options("dynamic"))
    #expect(try dynamic.plan().warnings.contains { $0.contains("no dynamic scaling; texts of more than 7 tokens") })
  }

  /// float64, in which llama.cpp computes nothing, becomes float32 or what is asked for; nothing else changes its type.
  @Test func onlyFloat64Changes() throws {
    let road = try TargetExportTests.road(TargetExportTests.options("llama") { $0.type = .f64 })
    let plain = try #require(try road.export().first)
    #expect(plain.tensors.allSatisfy { $0.type == 0 } && plain.number("general.file_type") == 0)
    let halves = try #require(try road.export(dtype: .f16).first)
    #expect(halves.tensors.allSatisfy { $0.type == ($0.dimensions.count > 1 ? 1 : 0) } && halves.number("general.file_type") == 1)
  }

  /// Experts of several types have no tensor together.
  @Test func expertsOfSeveralTypesAreRefused() throws {
    var model = try TinyModel.target(TargetExportTests.options("mixtral"))
    let name = "model.layers.1.block_sparse_moe.experts.3.w2.weight"
    let index = try #require(model.source.tensors.firstIndex { $0.name == name })
    var source = MemorySource()
    for (place, tensor) in model.source.tensors.enumerated() {
      let count = tensor.shape.elementCount
      if place == index {
        try source.add(name, .f16, tensor.shape.dimensions, values: [Float](repeating: 0.5, count: count))
      } else {
        try source.add(tensor.name, tensor.type, tensor.shape.dimensions, bytes: model.source.withBytes(of: place) { $0.copied })
      }
    }
    model.source = source
    let road = try ExportRoad()
    try road.pack(TargetModel.recognise(model.source, config: model.document()))
    let error = #expect(throws: GriffinError.self) { try road.plan() }
    #expect(error?.tensor?.hasSuffix(name) == true && error?.message.contains("it is f16") == true)
  }
}
