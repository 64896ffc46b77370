internal import ByteStorage

extension ModelFamily {
  /// LLaMA 1 to 3.3, Vicuna, and whatever shares their declaration: pre-norm decoder layers with rotary
  /// attention (MHA or GQA) and a gated SiLU feed-forward.
  static let llama = ModelFamily(
    name: "llama",
    modelTypes: ["llama"],
    architectures: ["LlamaForCausalLM", "LLaMAForCausalLM"],
    configuration: { (document) throws(GriffinError) in try TransformerConfiguration(readingDense: document) },
    rules: { llamaRules($0) },
    drops: { isRotaryBuffer($0) }
  )

  /// The tensors of a LLaMA-like model, embedding first.
  /// - Parameters:
  ///   - attention: Those of a layer's attention, by its index and prefix.
  ///   - feedForward: Those of a layer's feed-forward.
  static func llamaRules(
    _ configuration: TransformerConfiguration,
    attention: LayerRules = { TensorRule.attention(layer: $0, prefix: $1, $2) },
    feedForward: LayerRules = { TensorRule.feedForward(layer: $0, prefix: $1, $2, outputs: $2.hiddenSize) }
  ) -> [TensorRule] {
    let (hidden, vocabulary) = (configuration.hiddenSize, configuration.vocabularySize)
    var rules = [TensorRule(.tokenEmbedding, "model.embed_tokens.weight", [vocabulary, hidden])]
    for layer in 0..<configuration.layerCount {
      let prefix = "model.layers.\(layer)."
      rules.append(TensorRule(.layer(layer, .inputNorm), prefix + "input_layernorm.weight", [hidden]))
      rules += attention(layer, prefix, configuration)
      rules.append(TensorRule(.layer(layer, .postAttentionNorm), prefix + "post_attention_layernorm.weight", [hidden]))
      rules += feedForward(layer, prefix, configuration)
    }
    rules.append(TensorRule(.finalNorm, "model.norm.weight", [hidden]))
    rules.append(
      TensorRule(
        .outputHead, "lm_head.weight", [vocabulary, hidden], configuration.tiesEmbeddings ? .optional : .required))
    return rules
  }

  /// A part of a layer's tensors, by the layer's index, its prefix and the configuration.
  typealias LayerRules = (Int, String, TransformerConfiguration) -> [TensorRule]

  /// Frequencies that older transformers saved beside the weights; they follow from the configuration.
  static func isRotaryBuffer(_ name: String) -> Bool { name.hasSuffix("rotary_emb.inv_freq") }
}
