internal import ByteStorage

extension ModelFamily {
  /// Mixtral 8x7B and 8x22B: LLaMA's attention without biases, and a mixture of experts for a feed-forward.
  ///
  /// - Source: `MixtralConfig` and `MixtralSparseMoeBlock` in Hugging Face transformers.
  static let mixtral = ModelFamily(
    name: "mixtral",
    modelTypes: ["mixtral"],
    architectures: ["MixtralForCausalLM"],
    configuration: { (document) throws(GriffinError) in
      let filled = document.filling([
        "num_key_value_heads": 8, "rms_norm_eps": 1e-5, "num_local_experts": 8, "num_experts_per_tok": 2,
      ])
      var configuration = try TransformerConfiguration(
        readingDense: document.value("rope_parameters") == nil ? filled.filling(["rope_theta": 1e6]) : filled)
      configuration.experts = try ExpertConfiguration(
        reading: filled.without(["moe_intermediate_size", "norm_topk_prob", "shared_expert_intermediate_size", "mlp_only_layers"]),
        layerCount: configuration.layerCount)
      configuration.slidingWindow = try SlidingWindow(
        readingMistral: document, absent: nil, layerCount: configuration.layerCount)
      return configuration
    },
    rules: {
      llamaRules(
        $0, attention: { TensorRule.attention(layer: $0, prefix: $1, $2, biases: .none) },
        feedForward: { TensorRule.mixture(layer: $0, prefix: $1, $2, .mixtral) })
    },
    drops: { isRotaryBuffer($0) }
  )
}
