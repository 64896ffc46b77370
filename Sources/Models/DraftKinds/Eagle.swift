internal import ByteStorage
internal import Tensors

extension DraftKind {
  /// EAGLE-1 and EAGLE-2 (arXiv 2401.15077, 2406.16858): one projection of embedding and feature, then LLaMA-like layers
  /// of which the first has no input norm; one output is both what the head reads and the next pass's feature.
  ///
  /// - Source: `Model` in EAGLE's `cnets1.py`.
  static let eagle = eagleLike("eagle")

  /// HASS (arXiv 2408.15766): the same tensors from another training. Nothing tells them apart, so a draft has this
  /// label where its user says so, and is decoded no differently.
  static let hass = eagleLike("hass")

  private static func eagleLike(_ name: String) -> DraftKind {
    DraftKind(
      name: name,
      recognises: { isEagle($0) },
      configuration: { (document) throws(GriffinError) in
        var configuration = try TransformerConfiguration(readingDense: document)
        // There is no head of its own to tie.
        configuration.tiesEmbeddings = false
        return configuration
      },
      rules: { eagleRules($0) },
      drops: { ModelFamily.isRotaryBuffer($0) }
    )
  }

  /// `fc.weight` fuses two vectors, and there is nothing of what other kinds with such a tensor have.
  private static func isEagle(_ table: TensorTable) -> Bool {
    guard let fusion = table["fc.weight"]?.shape.dimensions, fusion.count == 2 else { return false }
    return fusion[0].multiplied(by: 2) == fusion[1] && !isOtherLayout(table)
  }

  private static func eagleRules(_ configuration: TransformerConfiguration) -> [TensorRule] {
    let hidden = configuration.hiddenSize
    var rules = [
      TensorRule(.tokenEmbedding, "embed_tokens.weight", [configuration.vocabularySize, hidden], .optional),
      TensorRule(.fusion(.projection), "fc.weight", [hidden, 2 * hidden]),
      TensorRule(.fusion(.projectionBias), "fc.bias", [hidden], .optional),
    ]
    for layer in 0..<configuration.layerCount {
      let prefix = "layers.\(layer)."
      if layer > 0 { rules.append(TensorRule(.layer(layer, .inputNorm), prefix + "input_layernorm.weight", [hidden])) }
      rules += TensorRule.attention(layer: layer, prefix: prefix, configuration)
      rules.append(TensorRule(.layer(layer, .postAttentionNorm), prefix + "post_attention_layernorm.weight", [hidden]))
      rules += TensorRule.feedForward(layer: layer, prefix: prefix, configuration, outputs: hidden)
    }
    return rules + [TensorRule.adapter(configuration)] + TensorRule.borrowedHead(configuration)
  }
}
