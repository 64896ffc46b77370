internal import ByteStorage

extension ModelFamily {
  /// Qwen3's mixtures (30B-A3B, 235B-A22B, Coder): Qwen3's attention, and experts in all layers or in some.
  ///
  /// - Source: `Qwen3MoeConfig` and `Qwen3MoeSparseMoeBlock` in Hugging Face transformers.
  static let qwen3MoE = ModelFamily(
    name: "qwen3_moe",
    modelTypes: ["qwen3_moe"],
    architectures: ["Qwen3MoeForCausalLM"],
    configuration: { (document) throws(GriffinError) in
      var configuration = try TransformerConfiguration(readingDense: document.filling(["num_key_value_heads": 4]))
      configuration.experts = try ExpertConfiguration(
        readingQwen: document, layerCount: configuration.layerCount,
        defaults: ["num_local_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768])
      // Qwen3 slides in some layers, its mixtures in all.
      let slides = try document.bool("use_sliding_window") ?? false
      configuration.slidingWindow = slides
        ? try SlidingWindow(readingMistral: document, absent: 4096, layerCount: configuration.layerCount) : nil
      return configuration
    },
    rules: {
      llamaRules(
        $0, attention: { TensorRule.attention(layer: $0, prefix: $1, $2) + TensorRule.headNorms(layer: $0, prefix: $1, $2) },
        feedForward: { TensorRule.mixture(layer: $0, prefix: $1, $2, .qwen) })
    },
    drops: { isRotaryBuffer($0) },
    expertNames: .qwen
  )
}
