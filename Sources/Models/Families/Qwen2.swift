internal import ByteStorage

extension ModelFamily {
  /// Qwen2 and Qwen2.5: LLaMA's layers with biases on queries, keys and values, and sliding windows where enabled.
  ///
  /// - Source: `Qwen2Config` and `Qwen2Attention` in Hugging Face transformers.
  static let qwen2 = ModelFamily(
    name: "qwen2",
    modelTypes: ["qwen2"],
    architectures: ["Qwen2ForCausalLM"],
    configuration: { (document) throws(GriffinError) in
      var configuration = try TransformerConfiguration(readingDense: document.filling(["num_key_value_heads": 32]))
      configuration.slidingWindow = try SlidingWindow(readingQwen: document, layerCount: configuration.layerCount)
      return configuration
    },
    rules: { llamaRules($0, attention: { TensorRule.attention(layer: $0, prefix: $1, $2, biases: .required) }) },
    drops: { isRotaryBuffer($0) }
  )
}
