internal import ByteStorage

extension ModelFamily {
  /// Granite, dense: LLaMA's layers with numbers that embedding, attention, residual and logits are multiplied by.
  ///
  /// - Source: `GraniteConfig` and `GraniteDecoderLayer` in Hugging Face transformers.
  static let granite = ModelFamily(
    name: "granite",
    modelTypes: ["granite"],
    architectures: ["GraniteForCausalLM"],
    configuration: { (document) throws(GriffinError) in
      var configuration = try TransformerConfiguration(readingDense: document)
      configuration.multipliers = try Multipliers(reading: document)
      return configuration
    },
    rules: { llamaRules($0) },
    drops: { isRotaryBuffer($0) }
  )
}
