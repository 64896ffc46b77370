import ByteStorage
import Models
import TestSupport

extension ConfigCorpus {
  private static let declares = "F1. `model_type` decides"

  /// A mixture of 4 experts whose configuration was changed.
  private static func mixture(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    change: @escaping @Sendable (inout JSONObject) -> Void
  ) -> HostileCase {
    HostileCase("config-mixture-\(name)", rule: Rule(page, words), kind: kind, mentions: [file, mention]) { folder in
      var options = TinyCheckpoint.options
      (options.experts, options.modelType) = (4, "mixtral")
      let model = try TinyModel.target(options)
      var config = model.config
      change(&config)
      try folder.write(SafetensorsBuilder(model.source).bytes, to: "target/model.safetensors")
      try folder.write(JSONValue.object(config).encoded(), to: "target/config.json")
    }
  }

  private static let experts = "mixtral alone; at most 1024, and 65536 in all layers"
  private static let window = "W2. `layer_types` MUST have an entry a layer"

  static let families: [HostileCase] = [
    refuse("model-type-unknown", declares, .unsupported, "mamba", set: "model_type", "mamba"),
    refuse("model-type-a-mixture-of-granites", declares, .unsupported, "granitemoe", set: "model_type", "granitemoe"),
    refuse("model-type-a-number", "K4. A member of another type", .malformed, "model_type", set: "model_type", 7),
    refuse("model-type-empty", declares, .unsupported, "model_type \"\"", set: "model_type", ""),
    refuse("model-type-in-capitals", declares, .unsupported, "LLAMA", set: "model_type", "LLAMA"),
    refuse("model-type-with-nul", declares, .unsupported, "llama", set: "model_type", "llama\0"),
    refuse("no-type-and-no-architecture", declares, .unsupported, "no model_type") {
      $0["model_type"] = nil
      $0["architectures"] = nil
    },
    refuse("architecture-unknown", declares, .unsupported, "no model_type") {
      $0["model_type"] = nil
      $0["architectures"] = ["GPT2LMHeadModel"]
    },
    refuse("architectures-no-list", declares, .unsupported, "no model_type") {
      $0["model_type"] = nil
      $0["architectures"] = "LlamaForCausalLM"
    },
    refuse(
      "a-mixture-without-experts", "F3. Every tensor below MUST be there with its shape", .inconsistent, "block_sparse_moe",
      set: "model_type", "mixtral"),
    refuse("window-of-no-positions", "`sliding_window` 1 to 1000000000", .malformed, "sliding_window is 0") {
      $0["model_type"] = "mistral"
      $0["sliding_window"] = 0
    },
    refuse("window-text", "`sliding_window` 1 to 1000000000", .malformed, "sliding_window") {
      $0["model_type"] = "mistral"
      $0["sliding_window"] = "wide"
    },
    granite("logits-divided-by-nothing", "logits_scaling is 0.0", set: "logits_scaling", 0),
    granite("embedding-multiplied-backwards", "embedding_multiplier is -12.0", set: "embedding_multiplier", -12),
    granite("attention-multiplied-by-a-word", "attention_multiplier is \"small\"", set: "attention_multiplier", "small"),
    granite("residual-multiplied-past-floats", "residual_multiplier is 1e+40", set: "residual_multiplier", 1e40),
    mixture("of-no-experts", experts, .malformed, "num_local_experts is 0") { $0["num_local_experts"] = 0 },
    mixture("of-a-million-experts", experts, .malformed, "num_local_experts is 1000000") { $0["num_local_experts"] = 1_000_000 },
    mixture("of-too-many-in-all", experts, .malformed, "65536") {
      $0["num_local_experts"] = 1024
      $0["num_hidden_layers"] = 65
    },
    mixture("a-token-takes-more", "`num_experts_per_tok` is at most that", .inconsistent, "num_experts_per_tok is 5 of") {
      $0["num_experts_per_tok"] = 5
    },
    mixture("a-token-takes-none", experts, .malformed, "num_experts_per_tok is 0") { $0["num_experts_per_tok"] = 0 },
    mixture("an-expert-more", "F3. Every tensor below MUST be there with its shape", .inconsistent, "experts.4") {
      $0["num_local_experts"] = 5
    },
    mixture("an-expert-fewer", "F3. Every tensor below MUST be there with its shape", .inconsistent, "3 unexpected") {
      $0["num_local_experts"] = 3
    },
    qwen("layer-types-too-few", window, .malformed, "layer_types") { $0["layer_types"] = [] },
    qwen("layer-types-unknown", window, .unsupported, "linear_attention") { $0["layer_types"] = ["linear_attention"] },
    qwen("layer-types-a-word", window, .malformed, "layer_types") { $0["layer_types"] = "full_attention" },
    qwen("window-first-negative", "`max_window_layers` 0 to 1000000", .malformed, "max_window_layers is -1") {
      $0["max_window_layers"] = -1
    },
  ]

  /// A granite with another multiplier.
  private static func granite(_ name: String, _ mention: String, set key: String, _ value: JSONValue) -> HostileCase {
    refuse("granite-\(name)", "granite: what its parts are multiplied by", .malformed, mention) { config in
      config["model_type"] = "granite"
      config[key] = value
    }
  }

  /// A qwen2 whose configuration was changed.
  private static func qwen(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    change: @escaping @Sendable (inout JSONObject) -> Void
  ) -> HostileCase {
    refuse("qwen-\(name)", words, kind, mention) { config in
      config["model_type"] = "qwen2"
      config["use_sliding_window"] = true
      change(&config)
    }
  }
}
