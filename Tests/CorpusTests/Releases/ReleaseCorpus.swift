import ByteStorage
import Models
import Tensors
import TestSupport

/// Every road by which releases come in under other names and in other layouts, right and wrong.
enum ReleaseCorpus {
  private static let names = "families.md"
  private static let drafts = "eagle3-draft.md"
  private static let folders = "checkpoint-folders.md"

  static func mixture() throws -> TinyModel {
    var options = TinyCheckpoint.options
    (options.experts, options.modelType) = (4, "mixtral")
    return try TinyModel.target(options)
  }

  // MARK: Targets

  /// A target whose tensors have other names.
  private static func named(_ name: String, _ words: String, change: @escaping @Sendable (String) -> String) -> AcceptedCase {
    AcceptedCase("release-\(name)", rule: Rule(names, words)) { folder in
      try folder.writeTarget { file in
        for index in file.entries.indices { file.entries[index].name = change(file.entries[index].name) }
      }
    }
  }

  private static func refuseNames(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, change: @escaping @Sendable (Int, String) -> String
  ) -> HostileCase {
    HostileCase("release-\(name)", rule: Rule(names, words), kind: kind, mentions: ["config.json", mention]) { folder in
      try folder.writeTarget { file in
        for index in file.entries.indices { file.entries[index].name = change(index, file.entries[index].name) }
      }
    }
  }

  /// A mixture whose experts are fused, changed.
  private static func fused(_ change: @escaping @Sendable (inout SafetensorsBuilder) -> Void = { _ in }) -> @Sendable (CorpusFolder) throws -> Void {
    { folder in
      let model = try mixture()
      let plain = SafetensorsBuilder(model.source)
      var file = SafetensorsBuilder()
      file.entries = plain.entries.filter { !$0.name.contains(".experts.") }.map { entry in
        var entry = entry
        entry.name = entry.name.replacing("block_sparse_moe", with: "mlp")
        return entry
      }
      let (old, new) = ("model.layers.0.block_sparse_moe.experts.", "model.layers.0.mlp.experts.")
      let gates = (0..<4).flatMap { plain["\(old)\($0).w1.weight"].bytes + plain["\(old)\($0).w3.weight"].bytes }
      file.entries.append(.init(new + "gate_up_proj", "F32", "[4,64,16]", bytes: gates))
      file.entries.append(
        .init(new + "down_proj", "F32", "[4,16,32]", bytes: (0..<4).flatMap { plain["\(old)\($0).w2.weight"].bytes }))
      change(&file)
      try folder.write(file.bytes, to: "target/model.safetensors")
      try folder.write(model.configText, to: "target/config.json")
    }
  }

  private static func refuseFused(_ name: String, _ mention: String, shape: String, of tensor: String) -> HostileCase {
    HostileCase(
      "release-fused-\(name)", rule: Rule(names, "N2. Where transformers 5 saved experts fused"), kind: .inconsistent,
      mentions: ["config.json", mention],
      make: fused { file in
        let index = file.index(of: "model.layers.0.mlp.experts.\(tensor)")
        file.entries[index].shape = shape
        if shape.hasPrefix("[0") { file.entries[index].bytes = [] }
      })
  }

  private static let acceptedTargets: [AcceptedCase] = [
    named("compiled", "`_orig_mod` wherever it stands") { "_orig_mod." + $0 },
    named("compiled-layers", "`_orig_mod` wherever it stands") { $0.replacing("layers.0.", with: "layers.0._orig_mod.") },
    named("in-a-module", "`module.`, `base_model.model.`") { "module." + $0 },
    named("in-a-base-model", "`module.`, `base_model.model.`") { "base_model.model." + $0 },
    named("in-a-language-model", "or `language_model.` where all of them begin so") { "language_model." + $0 },
    named("in-a-models-language-model", "`model.language_model.` is read as `model.`") {
      $0.hasPrefix("model.") ? "model.language_model." + $0.dropFirst(6) : $0
    },
    named("bare", "a bare model whose names lack `model.`") { $0.hasPrefix("model.") ? String($0.dropFirst(6)) : $0 },
    AcceptedCase("release-fused-experts", rule: Rule(names, "N2. Where transformers 5 saved experts fused"), make: fused()),
    AcceptedCase(
      "release-quantization-of-plain-floats", rule: Rule(names, "Beside weights that are all plain floats the key is left aside"),
      warnings: ["quantization_config says gptq, but all weights are plain floats"]
    ) { folder in
      try folder.writeTarget()
      var config = try TinyCheckpoint.target().config
      config["quantization_config"] = ["quant_method": "gptq", "bits": 4]
      try folder.write(JSONValue.object(config).encoded(), to: "target/config.json")
    },
    AcceptedCase(
      "release-rope-theta-twice", rule: Rule(names, "R6. What is stated in several places counts from inside out"),
      warnings: ["rope_parameters.rope_theta is 500000.0 and rope_theta 10000.0"]
    ) { folder in
      try folder.writeTarget()
      var config = try TinyCheckpoint.target().config
      (config["rope_theta"], config["rope_parameters"]) = (10000.0, ["rope_theta": 500_000.0, "rope_type": "default"])
      try folder.write(JSONValue.object(config).encoded(), to: "target/config.json")
    },
    AcceptedCase(
      "release-tied-head-of-its-own", rule: Rule(names, "T1. An `lm_head.weight` that is in the file all the same"),
      warnings: ["the file's head is used"]
    ) { folder in
      try folder.writeTarget()
      var config = try TinyCheckpoint.target().config
      config["tie_word_embeddings"] = true
      try folder.write(JSONValue.object(config).encoded(), to: "target/config.json")
    },
    AcceptedCase(
      "release-one-file-beside-shards", rule: Rule(folders, "beside its index and all shards of it"), warnings: ["model.safetensors: not read"]
    ) { folder in
      try folder.writeShards()
      try folder.write("anything at all", to: "target/model.safetensors")
    },
    AcceptedCase(
      "release-gguf-blob", rule: Rule("gguf.md", "A file without an ending in its name"),
      arguments: ["convert", "--target", "sha256-0123", "-o", "out.griffin"]
    ) { folder in try folder.write(GGUFBuilder.tiny().bytes, to: "sha256-0123") },
    AcceptedCase(
      "release-gguf-padding-beyond", rule: Rule("gguf.md", "MAY lie beyond it, with a warning"), warnings: ["padding_token_id is 32000"],
      arguments: CorpusArguments.gguf
    ) { folder in
      var file = GGUFBuilder.tiny()
      file["tokenizer.ggml.padding_token_id"] = .uint32(32000)
      try folder.write(file.bytes, to: "model.gguf")
    },
  ]

  /// One projection of a target as another tool packs it.
  private static func packed(_ name: String, _ mention: String, _ parts: [(String, String, String, Int)]) -> HostileCase {
    HostileCase(
      "release-packed-by-\(name)", rule: Rule(names, "weights that other tools quantized otherwise are refused by the method's name"),
      kind: .unsupported, mentions: ["config.json", "q_proj", mention]
    ) { folder in
      try folder.writeTarget { file in
        let module = "model.layers.0.self_attn.q_proj."
        file.entries.removeAll { $0.name == module + "weight" }
        for (part, type, shape, count) in parts {
          file.entries.append(.init(module + part, type, shape, bytes: [UInt8](repeating: 0, count: count)))
        }
      }
    }
  }

  private static let hostileTargets: [HostileCase] = [
    packed("qweight-alone", "GPTQ or AWQ", [("qweight", "I32", "[2,16]", 128), ("scales", "F16", "[1,16]", 32)]),
    packed("mlx", "MLX", [("weight", "U32", "[16,2]", 128), ("scales", "F16", "[16,1]", 32), ("biases", "F16", "[16,1]", 32)]),
    packed("bitsandbytes", "bitsandbytes", [("weight", "I8", "[16,16]", 256), ("SCB", "F32", "[16]", 64)]),
    packed("nvfp4", "NVFP4", [("weight", "U8", "[16,8]", 128), ("weight_scale_2", "F32", "[]", 4)]),
    packed("lora", "LoRA", [("weight", "F32", "[16,16]", 1024), ("lora_A.weight", "F32", "[1,16]", 64)]),
    refuseNames("foreign-prefix", "N3. Other names that all begin alike", .inconsistent, "missing") { "net." + $1 },
    refuseNames("names-that-coincide", "N3. Other names that all begin alike", .inconsistent, "missing") { index, name in
      // Renaming would give two tensors one name, so nothing is renamed.
      index == 0 ? "_orig_mod." + name : index == 1 ? "_orig_mod._orig_mod.model.embed_tokens.weight" : name
    },
    refuseFused("of-another-rank", "block_sparse_moe", shape: "[256,16]", of: "gate_up_proj"),
    refuseFused("of-no-experts", "block_sparse_moe", shape: "[0,64,16]", of: "gate_up_proj"),
    refuseFused("of-odd-rows", "block_sparse_moe", shape: "[64,1,64]", of: "gate_up_proj"),
    refuseFused("of-2048-experts", "block_sparse_moe", shape: "[2048,1,1]", of: "down_proj"),
    refuseFused("of-fewer-experts", "experts.2", shape: "[2,32,32]", of: "down_proj"),
    HostileCase(
      "release-untied-without-a-head", rule: Rule(names, "| `lm_head.weight` | [V, h] | all; optional where tied |"), kind: .inconsistent,
      mentions: ["config.json", "lm_head.weight"]
    ) { folder in try folder.writeTarget { $0.entries.removeAll { $0.name == "lm_head.weight" } } },
    HostileCase(
      "release-imatrix-of-a-deeper-model", rule: Rule("imatrix.md", "I6. An entry for a matrix of a layer that the target does not have"),
      kind: .inconsistent, mentions: ["imatrix.dat", "layers.1."],
      arguments: ["convert", "--target", "target", "-o", "out.griffin", "--quantize", "q8_0", "--imatrix", "imatrix.dat"]
    ) { folder in
      try folder.writeTarget()
      var file = ImportanceCorpus.Legacy()
      file.name = Array("blk.1.attn_q.weight".utf8)
      try folder.write(file.bytes, to: "imatrix.dat")
    },
  ]

  // MARK: Drafts

  private static func eagle3(vocabulary: Int? = 8) throws -> TinyModel {
    try .eagle3Draft(TinyCheckpoint.options, draftVocabulary: vocabulary)
  }

  private static func draft(
    _ name: String, _ words: String, on page: String = drafts, warnings: [String] = [], vocabulary: Int? = 8,
    config: @escaping @Sendable (inout JSONObject) -> Void = { _ in },
    change file: @escaping @Sendable (inout SafetensorsBuilder) -> Void
  ) -> AcceptedCase {
    AcceptedCase("release-eagle3-\(name)", rule: Rule(page, words), warnings: warnings, arguments: CorpusArguments.draft) { folder in
      try folder.writeDraft(eagle3(vocabulary: vocabulary), config: config, file: file)
    }
  }

  private static func refuseDraft(
    _ name: String, _ words: String, on page: String = drafts, _ kind: GriffinError.Kind, _ mention: String, vocabulary: Int? = 8,
    config: @escaping @Sendable (inout JSONObject) -> Void = { _ in },
    change file: @escaping @Sendable (inout SafetensorsBuilder) -> Void
  ) -> HostileCase {
    HostileCase(
      "release-eagle3-\(name)", rule: Rule(page, words), kind: kind, mentions: ["config.json", mention], arguments: CorpusArguments.draft
    ) { folder in try folder.writeDraft(eagle3(vocabulary: vocabulary), config: config, file: file) }
  }

  private static let acceptedDrafts: [AcceptedCase] = [
    draft("without-a-mask", "MAY be absent: exactly the sums of `d2t` are set") { $0.entries.removeAll { $0.name == "t2d" } },
    draft("without-a-head", "MAY be absent where `D` = `V`", vocabulary: nil) { $0.entries.removeAll { $0.name == "lm_head.weight" } },
    draft(
      "with-no-layers-named", "an empty list means T2",
      config: { $0["eagle_config"] = ["eagle_aux_hidden_state_layer_ids": [], "use_aux_hidden_state": true] }, change: { _ in }),
    draft("with-leftovers", "E5. `verifier_norm.weight`", warnings: ["only training needs (verifier_norm.weight"]) {
      $0.entries.append(.init("verifier_norm.weight", "F32", "[16]", bytes: [UInt8](repeating: 0, count: 64)))
      $0.entries.append(.init("verifier_lm_head.weight", "F32", "[8,16]", bytes: [UInt8](repeating: 0, count: 512)))
    },
    draft("of-vllm", "`model.layers.0.` of vLLM", on: "draft-layouts.md") { file in
      for index in file.entries.indices {
        file.entries[index].name = file.entries[index].name.replacing("midlayer.", with: "model.layers.0.")
      }
    },
  ]

  private static let hostileDrafts: [HostileCase] = [
    refuseDraft(
      "of-one-state", "`use_aux_hidden_state: false`", .unsupported, "use_aux_hidden_state is false",
      config: { $0["eagle_config"] = ["use_aux_hidden_state": false] }, change: { _ in }),
    refuseDraft(
      "of-one-state-in-words", "`use_aux_hidden_state: false`", .malformed, "use_aux_hidden_state",
      config: { $0["eagle_config"] = ["use_aux_hidden_state": "no"] }, change: { _ in }),
    refuseDraft(
      "without-a-vocabulary-size", "E7. A head of other than `vocab_size` rows", .inconsistent, "draft_vocab_size is missing",
      config: { $0["draft_vocab_size"] = nil }, change: { _ in }),
    refuseDraft("d2t-floats", "`d2t` | [D] integers", .unsupported, "f32, where whole numbers are expected") { file in
      file["d2t"] = .init("d2t", "F32", "[8]", bytes: [UInt8](repeating: 0, count: 32))
    },
    refuseDraft("d2t-overflow-without-a-mask", "the sums ascend within `V`", .inconsistent, "d2t") { file in
      file.entries.removeAll { $0.name == "t2d" }
      file["d2t"].bytes = (0..<8).flatMap { _ in littleEndian(Int64.max) }
    },
    refuseDraft("headless-with-a-part", "MAY be absent where `D` = `V`", .inconsistent, "lm_head.weight") {
      $0.entries.removeAll { $0.name == "lm_head.weight" }
    },
    refuseDraft("without-its-fusion", "E1. A draft is of this kind", .unsupported, "there is no fc.weight") {
      $0.entries.removeAll { $0.name == "fc.weight" }
    },
    refuseDraft(
      "with-both-norms", "both at once are refused", .inconsistent, "both set", config: { ($0["fc_norm"], $0["norm_before_fc"]) = (true, true) }
    ) { _ in },
    refuseDraft("without-its-norms", "V1. `fc_norm` and `norm_before_fc`", .inconsistent, "fc_norm.0.weight", config: { $0["fc_norm"] = true }) { _ in },
    refuseDraft(
      "that-slides", "V2. Layers that slide", .unsupported, "sliding_attention",
      config: { ($0["layer_types"], $0["sliding_window"]) = (["sliding_attention"], 8) }
    ) { _ in },
    refuseDraft("of-other-states", "V3. `num_aux_hidden_states`", .inconsistent, "num_aux_hidden_states is 5", config: { $0["num_aux_hidden_states"] = 5 }) { _ in },
    refuseDraft("parallel", "E6. A draft with `mask_hidden`", .unsupported, "P-EAGLE") {
      $0.entries.append(.init("mask_hidden", "F32", "[1,1,48]", bytes: [UInt8](repeating: 0, count: 192)))
    },
    HostileCase(
      "release-eagle3-headless-as-a-target", rule: Rule(names, "F2. A checkpoint whose tensors are those of a draft is refused as a target"),
      kind: .inconsistent, mentions: ["config.json", "eagle3 draft"], arguments: ["convert", "--target", "draft", "-o", "out.griffin"]
    ) { folder in
      try folder.writeDraft(eagle3(vocabulary: nil), file: { $0.entries.removeAll { $0.name == "lm_head.weight" } })
    },
  ]

  // MARK: Folders

  private static let hostileFolders: [HostileCase] = [
    HostileCase(
      "release-an-adapter", rule: Rule(folders, "A folder with an adapter"), kind: .unsupported, mentions: ["adapter (LORA) of the base model a/b"]
    ) { folder in
      try folder.write(#"{"peft_type":"LORA","base_model_name_or_path":"a/b"}"#, to: "target/adapter_config.json")
      try folder.write("weights", to: "target/adapter_model.safetensors")
    },
    HostileCase(
      "release-an-adapter-damaged", rule: Rule(folders, "A folder with an adapter"), kind: .unsupported, mentions: ["adapter (LORA), not a model"]
    ) { folder in
      try folder.write(String(repeating: "[", count: 100_000), to: "target/adapter_config.json")
    },
    HostileCase(
      "release-an-adapter-of-a-pipe", rule: Rule(folders, "A folder with an adapter"), kind: .unsupported, mentions: ["not a model"]
    ) { folder in
      try folder.write("README", to: "target/README.md")
      try folder.makePipe("target/adapter_config.json")
    },
    HostileCase(
      "release-a-hubs-text", rule: Rule(folders, "an error text of a hub"), kind: .malformed, mentions: ["model.safetensors", "Entry not found"]
    ) { folder in
      try folder.writeTarget()
      try folder.write("Entry not found", to: "target/model.safetensors")
    },
    HostileCase(
      "release-a-hubs-error-for-config", rule: Rule(folders, "an error text of a hub"), kind: .malformed, mentions: ["config.json", "of a hub"]
    ) { folder in
      try folder.writeTarget()
      try folder.write(#"{"error":"Access to model a/b is restricted"}"#, to: "target/config.json")
    },
    HostileCase(
      "release-index-of-another-save", rule: Rule(folders, "are of another save, and that is said"), kind: .missing,
      mentions: ["of another save"]
    ) { folder in
      try folder.writeShards { target in
        for place in target.map.indices { target.map[place].shard = "model-0000\(place % 9 + 1)-of-00030.safetensors" }
      }
    },
    HostileCase(
      "release-repository-folder-for-a-snapshot", rule: Rule(folders, "A folder `models--OWNER--NAME` of the hub's cache"), kind: .missing,
      mentions: ["a repository's folder in the hub's cache"],
      arguments: ["convert", "--target", "hub/models--a--b", "-o", "out.griffin"]
    ) { folder in try folder.write("{}", to: "hub/models--a--b/snapshots/0123/config.json") },
    HostileCase(
      "release-unknown-family-of-many-shards", rule: Rule(folders, "Of a target whose `model_type` is not known no shard is opened"),
      kind: .unsupported, mentions: ["config.json", "mamba"]
    ) { folder in
      try folder.writeShards { $0.two.header = Array("not a header".utf8) }
      try folder.write(#"{"model_type":"mamba"}"#, to: "target/config.json")
    },
    HostileCase(
      "release-blob-of-nothing", rule: Rule("gguf.md", "A file without an ending in its name"), kind: .malformed, mentions: ["sha256-0123"],
      arguments: ["convert", "--target", "sha256-0123", "-o", "out.griffin"]
    ) { folder in try folder.write(Array("GGUF".utf8), to: "sha256-0123") },
  ]

  static let accepted = acceptedTargets + acceptedDrafts
  static let hostile = hostileTargets + hostileDrafts + hostileFolders
}
