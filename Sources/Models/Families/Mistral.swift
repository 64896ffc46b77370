internal import ByteStorage

extension ModelFamily {
  /// Mistral: LLaMA's layers without biases, and a sliding window in all of them unless it is null.
  ///
  /// - Source: `MistralConfig` and `MistralAttention` in Hugging Face transformers.
  static let mistral = ModelFamily(
    name: "mistral",
    modelTypes: ["mistral"],
    architectures: ["MistralForCausalLM"],
    configuration: { (document) throws(GriffinError) in
      var configuration = try TransformerConfiguration(readingDense: document.filling(["num_key_value_heads": 8]))
      configuration.slidingWindow = try SlidingWindow(
        readingMistral: document, absent: 4096, layerCount: configuration.layerCount)
      return configuration
    },
    rules: { llamaRules($0, attention: { TensorRule.attention(layer: $0, prefix: $1, $2, biases: .none) }) },
    drops: { isRotaryBuffer($0) }
  )
}
