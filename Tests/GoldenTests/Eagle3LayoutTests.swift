import Bundles
import ByteStorage
import Conversion
import Foundation
import LinearAlgebra
import Models
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing
import Verification

/// The golden EAGLE-3 draft as the export code of others writes it: it converts, and decodes its recorded trace.
struct Eagle3LayoutTests {
  /// Files as one tool writes them.
  struct Layout: Sendable, CustomTestStringConvertible {
    let tool: String
    /// What the conversion must say, all together.
    var warnings: [String] = []
    /// Tensors of a safetensors file, made of the golden draft's; the target's are at hand.
    let tensors: @Sendable (_ draft: inout MemorySource, _ target: TargetModel) throws -> Void
    let config: @Sendable (inout JSONObject) -> Void

    var testDescription: String { tool }
  }

  private static func numbered(_ name: String) -> String { name.hasPrefix("midlayer.") ? "layers.0." + name.dropFirst(9) : name }

  /// `LLAMA_EAGLE_SINGLE_LAYER` and the template of NVIDIA's Model Optimizer, `hf_spec_export.py`.
  private static let modelOpt = Layout(tool: "ModelOpt") { draft, _ in
    draft.remove("t2d")
    draft.rename(numbered)
  } config: { config in
    config["architectures"] = ["LlamaForCausalLMEagle3"]
    config["num_hidden_layers"] = 1
    config["eagle_config"] = [
      "eagle_aux_hidden_state_layer_ids": [], "use_aux_hidden_state": true, "use_input_layernorm_in_first_layer": true,
      "use_last_layernorm": true, "use_mtp_layernorm": false, "next_layer_regular": true, "parallel_draft_step": 1,
      "parallel_draft_heads_num_layers": 1,
    ]
    config["rope_scaling"] = ["rope_type": "default", "rope_theta": config["rope_theta"] ?? 10000.0]
  }

  /// The state dict of `LlamaForCausalLMEagle3` without the embedding, as SpecForge's trainer saves it.
  private static let specForge = Layout(tool: "SpecForge") { _, _ in
  } config: { config in
    config["architectures"] = ["LlamaForCausalLMEagle3"]
    config["num_hidden_layers"] = 1
    config["tie_word_embeddings"] = true
    config["eagle_config"] = ["eagle_aux_hidden_state_layer_ids": [1, 3, 4], "use_aux_hidden_state": true]
  }

  /// `Eagle3LlamaForCausalLM` of AngelSlim, whole, with its embedding.
  private static let angelSlim = Layout(tool: "AngelSlim") { draft, target in
    try draft.addCopy(of: .tokenEmbedding, from: target, as: "embed_tokens.weight")
  } config: { config in
    config["architectures"] = ["Eagle3LlamaForCausalLM"]
    config["num_hidden_layers"] = 1
    config["torch_dtype"] = "bfloat16"
  }

  /// `Eagle3DraftModel` of Red Hat's speculators, with what its early files keep of the verifier.
  private static let speculators = Layout(tool: "speculators", warnings: ["dropped 2 tensors that only training needs (verifier_norm.weight"]) {
    draft, target in
    draft.rename(numbered)
    try draft.addCopy(of: .tokenEmbedding, from: target, as: "embed_tokens.weight")
    try draft.addCopy(of: .finalNorm, from: target, as: "verifier_norm.weight")
    try draft.addCopy(of: .finalNorm, from: target, as: "verifier_lm_head.weight")
  } config: { config in
    var inner = config
    for key in ["draft_vocab_size", "architectures", "rope_theta"] { inner[key] = nil }
    inner["model_type"] = "llama"
    inner["rope_parameters"] = ["rope_type": "default", "rope_theta": config["rope_theta"] ?? 10000.0]
    config = [
      "architectures": ["Eagle3DraftModel"], "speculators_model_type": "eagle3", "draft_vocab_size": config["draft_vocab_size"] ?? .null,
      "norm_before_residual": false, "norm_before_fc": false, "embed_requires_grad": false, "target_hidden_size": nil,
      "eagle_aux_hidden_state_layer_ids": [2, 4, 5], "transformer_layer_config": .object(inner),
      "speculators_config": [
        "algorithm": "eagle3", "default_proposal_method": "greedy",
        "proposal_methods": [["proposal_type": "greedy", "speculative_tokens": 3]],
        "verifier": ["name_or_path": "some/target", "architectures": ["LlamaForCausalLM"]],
      ],
    ]
  }

  /// What vLLM's loader makes of it: everything but head and mapping in `model`, the mapping under names of its own.
  private static let vllm = Layout(tool: "vLLM") { draft, _ in
    draft.rename { name in
      switch name {
      case "d2t": "draft_id_to_target_id"
      case "lm_head.weight": name
      default: "model." + numbered(name)
      }
    }
    draft.remove("model.t2d")
  } config: { $0["architectures"] = ["Eagle3LlamaForCausalLM"] }

  /// The same with the layer alone in `model`.
  private static let vllmLayer = Layout(tool: "vLLM, the layer alone") { draft, _ in
    draft.rename { $0.hasPrefix("midlayer.") ? "model." + numbered($0) : $0 }
  } config: { _ in
  }

  static let layouts = [modelOpt, specForge, angelSlim, speculators, vllm, vllmLayer]

  @Test(arguments: layouts) func theTraceIsThatOfTheReleasedLayout(layout: Layout) throws {
    let golden = try GoldenPair("llama3-eagle3")
    var draft = MemorySource()
    let released = golden.draft.tensors.source
    for (index, tensor) in released.tensors.enumerated() {
      try draft.add(tensor.name, tensor.type, tensor.shape.dimensions, bytes: released.withBytes(of: index) { $0.copied })
    }
    let file = try InputFile(path: golden.folder + "/draft/config.json")
    var config = try #require(try JSONValue.parse(file.bytes, limits: .config).object)
    try layout.tensors(&draft, golden.target)
    layout.config(&config)
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("draft"), withIntermediateDirectories: true)
    try folder.write(SafetensorsBuilder(draft).bytes, to: "draft/model.safetensors")
    try folder.write(Array(JSONValue.object(config).encoded().utf8), to: "draft/config.json")

    let sources = try ConversionSources(target: golden.folder + "/target", draft: folder.path("draft"))
    for warning in layout.warnings { #expect(sources.warnings.contains { $0.contains(warning) }, "\(sources.warnings)") }
    #expect(sources.warnings.count == layout.warnings.count, "\(sources.warnings)")
    let output = folder.path("pair.griffin")
    _ = try ConversionRun(sources.inputs(), output: output).run()
    let bundle = try ModelBundle.open(path: output)
    let (target, model) = (try #require(try bundle.targetModel()), try #require(try bundle.draftModel()))
    #expect(model.kind.name == "eagle3")
    #expect(try #require(model.configuration.eagle3).tappedLayers(ofTarget: 8) == [2, 4, 5])
    #expect(model.configuration.rotary == golden.draft.configuration.rotary)

    let decoder = try PairDecoder(target: target, draft: model, compute: Compute(threads: 2))
    for name in GoldenPair.traces {
      let trace = try golden.trace(name)
      let (cases, check) = try CaseRunner(decoder).run(trace, label: name)
      #expect(check.isOK, "\(check.detail)")
      for (mine, recorded) in zip(cases, trace.cases) {
        #expect(mine.isOK && mine.differingTrees == 0, "\(mine.name): \(mine.mismatches)")
        #expect(mine.speculativeIDs == recorded.speculativeIDs)
      }
    }
  }
}

extension MemorySource {
  fileprivate mutating func rename(_ change: (String) -> String) {
    var renamed = MemorySource()
    for tensor in tensors {
      try? renamed.add(change(tensor.name), tensor.type, tensor.shape.dimensions, bytes: bytes(tensor.name))
    }
    self = renamed
  }

  fileprivate mutating func addCopy(of role: TensorRole, from model: TargetModel, as name: String) throws {
    let source = model.tensors.source
    guard let index = model.tensors[role] else { preconditionFailure("the target has no such tensor") }
    let tensor = source.tensors[index]
    try add(name, tensor.type, tensor.shape.dimensions, bytes: source.withBytes(of: index) { $0.copied })
  }
}
