internal import ByteStorage

extension ModelFamily {
  /// Qwen1.5's and Qwen2's mixtures (A2.7B, 57B-A14B): Qwen2's attention, experts, and one more expert that every token goes through,
  /// weighed by a gate of its own.
  ///
  /// - Source: `Qwen2MoeConfig` and `Qwen2MoeSparseMoeBlock` in Hugging Face transformers.
  static let qwen2MoE = ModelFamily(
    name: "qwen2_moe",
    modelTypes: ["qwen2_moe"],
    architectures: ["Qwen2MoeForCausalLM"],
    configuration: { (document) throws(GriffinError) in
      var configuration = try TransformerConfiguration(readingDense: document.filling(["num_key_value_heads": 16]))
      configuration.experts = try ExpertConfiguration(
        readingQwen: document, layerCount: configuration.layerCount,
        defaults: [
          "num_local_experts": 60, "num_experts_per_tok": 4, "moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632,
        ])
      configuration.slidingWindow = try SlidingWindow(readingQwen2MoE: document, layerCount: configuration.layerCount)
      return configuration
    },
    rules: {
      llamaRules(
        $0, attention: { TensorRule.attention(layer: $0, prefix: $1, $2, biases: $2.declaresAttentionBias == false ? .none : .required) },
        feedForward: { TensorRule.mixture(layer: $0, prefix: $1, $2, .qwen) })
    },
    drops: { isRotaryBuffer($0) },
    expertNames: .qwen
  )
}
