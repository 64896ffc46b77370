internal import ByteStorage

extension ModelFamily {
  /// LLaMA 1 and 2, Vicuna, and whatever shares their declaration: pre-norm decoder layers with rotary
  /// attention (MHA or GQA) and a gated SiLU feed-forward.
  static let llama = ModelFamily(
    name: "llama",
    modelTypes: ["llama"],
    architectures: ["LlamaForCausalLM", "LLaMAForCausalLM"],
    configuration: { (document) throws(GriffinError) in try TransformerConfiguration(reading: document) },
    rules: { llamaRules($0) },
    drops: { isRotaryBuffer($0) }
  )

  /// The tensors of a LLaMA-like model, embedding first.
  static func llamaRules(_ configuration: TransformerConfiguration) -> [TensorRule] {
    let (hidden, vocabulary) = (configuration.hiddenSize, configuration.vocabularySize)
    var rules = [TensorRule(.tokenEmbedding, "model.embed_tokens.weight", [vocabulary, hidden])]
    for layer in 0..<configuration.layerCount {
      let prefix = "model.layers.\(layer)."
      rules.append(TensorRule(.layer(layer, .inputNorm), prefix + "input_layernorm.weight", [hidden]))
      rules += TensorRule.attention(layer: layer, prefix: prefix, configuration)
      rules.append(TensorRule(.layer(layer, .postAttentionNorm), prefix + "post_attention_layernorm.weight", [hidden]))
      rules += TensorRule.feedForward(layer: layer, prefix: prefix, configuration, outputs: hidden)
    }
    rules.append(TensorRule(.finalNorm, "model.norm.weight", [hidden]))
    rules.append(
      TensorRule(
        .outputHead, "lm_head.weight", [vocabulary, hidden], configuration.tiesEmbeddings ? .optional : .required))
    return rules
  }

  /// Frequencies that older transformers saved beside the weights; they follow from the configuration.
  static func isRotaryBuffer(_ name: String) -> Bool { name.hasSuffix("rotary_emb.inv_freq") }
}
