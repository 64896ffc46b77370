internal import ByteStorage
internal import Tensors

extension DraftKind {
  /// GRIFFIN (arXiv 2502.11018): Token-Guided Fusion at the entrance, one decoder layer without input norm, and a
  /// Token-Enhanced Head, which is a down projection twice as tall: its halves predict and regress.
  ///
  /// - Source: `Model` in the released implementation's `cnets_griffin_1.py` and `cnets_griffin_2.py`.
  static let griffin = DraftKind(
    name: "griffin",
    recognises: { $0["fc.fc.weight"] != nil && $0["fc.mlp.up_proj.weight"] != nil },
    configuration: { (document) throws(GriffinError) in
      var configuration = try TransformerConfiguration(readingDense: document)
      // The released class builds exactly one layer and ties nothing, whatever the file says.
      configuration.layerCount = 1
      configuration.tiesEmbeddings = false
      return configuration
    },
    rules: { configuration in
      let (hidden, wide) = (configuration.hiddenSize, configuration.intermediateSize)
      let prefix = "layers.0."
      return [
        TensorRule(.tokenEmbedding, "embed_tokens.weight", [configuration.vocabularySize, hidden]),
        TensorRule(.fusion(.projection), "fc.fc.weight", [hidden, 2 * hidden]),
        TensorRule(.fusion(.projectionBias), "fc.fc.bias", [hidden]),
        TensorRule(.fusion(.postNorm), "fc.post_attention_layernorm.weight", [hidden]),
        TensorRule(.fusion(.inputNorm), "fc.mlp.input_layernorm.weight", [hidden]),
        TensorRule(.fusion(.up), "fc.mlp.up_proj.weight", [wide, 2 * hidden]),
        TensorRule(.fusion(.down), "fc.mlp.down_proj.weight", [hidden, wide]),
      ]
        + TensorRule.attention(layer: 0, prefix: prefix, configuration)
        + [TensorRule(.layer(0, .postAttentionNorm), prefix + "post_attention_layernorm.weight", [hidden])]
        + TensorRule.feedForward(layer: 0, prefix: prefix, configuration, outputs: 2 * hidden)
        + [TensorRule.adapter(configuration)] + TensorRule.borrowedHead(configuration)
    },
    drops: { ModelFamily.isRotaryBuffer($0) }
  )
}
