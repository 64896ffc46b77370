internal import ByteStorage

extension ModelFamily {
  /// SmolLM3: LLaMA's layers, of which every fourth, or those that are named, do not rotate queries and keys.
  ///
  /// - Source: `SmolLM3Config` and `SmolLM3Attention` in Hugging Face transformers.
  static let smolLM3 = ModelFamily(
    name: "smollm3",
    modelTypes: ["smollm3"],
    architectures: ["SmolLM3ForCausalLM"],
    configuration: { (document) throws(GriffinError) in
      let filled = document.filling(["num_key_value_heads": 4, "tie_word_embeddings": true])
      var configuration = try TransformerConfiguration(
        readingDense: document.value("rope_parameters") == nil ? filled.filling(["rope_theta": 2e6]) : filled)
      let count = configuration.layerCount
      if let layers = try document.unrotatedLayers(count) {
        configuration.unrotatedLayers = layers
      } else {
        let interval = try document.integer("no_rope_layer_interval", in: 1...1_000_000) ?? 4
        configuration.unrotatedLayers = Set((0..<count).filter { ($0 + 1) % interval == 0 })
      }
      let slides = try document.bool("use_sliding_window") ?? false
      configuration.slidingWindow = slides
        ? try SlidingWindow(readingSmolLM3: document, unrotated: configuration.unrotatedLayers, layerCount: count) : nil
      return configuration
    },
    rules: { llamaRules($0) },
    drops: { isRotaryBuffer($0) }
  )
}
