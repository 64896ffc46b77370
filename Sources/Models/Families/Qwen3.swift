internal import ByteStorage

extension ModelFamily {
  /// Qwen3, dense: LLaMA's layers with a norm over each query and key head, and sliding windows where enabled.
  ///
  /// - Source: `Qwen3Config` and `Qwen3Attention` in Hugging Face transformers.
  static let qwen3 = ModelFamily(
    name: "qwen3",
    modelTypes: ["qwen3"],
    architectures: ["Qwen3ForCausalLM"],
    configuration: { (document) throws(GriffinError) in
      let filled = document.filling(["num_key_value_heads": 32, "head_dim": 128])
      var configuration = try TransformerConfiguration(readingDense: filled)
      configuration.slidingWindow = try SlidingWindow(readingQwen: document, layerCount: configuration.layerCount)
      return configuration
    },
    rules: {
      llamaRules(
        $0, attention: { TensorRule.attention(layer: $0, prefix: $1, $2) + TensorRule.headNorms(layer: $0, prefix: $1, $2) })
    },
    drops: { isRotaryBuffer($0) }
  )
}
