internal import ByteStorage
internal import Tensors

extension DraftKind {
  /// EAGLE-3 (arXiv 2503.01840): three states of the target fused, one layer whose attention reads embedding and feature side
  /// by side, a final norm and mostly a head of its own, whose vocabulary may be a part of the target's.
  ///
  /// - Source: `Model` in EAGLE's `cnets.py`.
  static let eagle3 = DraftKind(
    name: "eagle3",
    recognises: { table in
      guard let fusion = table["fc.weight"]?.shape.dimensions, fusion.count == 2 else { return false }
      return table["midlayer.hidden_norm.weight"] != nil && table["norm.weight"] != nil
    },
    configuration: { (document) throws(GriffinError) in
      var configuration = try TransformerConfiguration(readingDense: document)
      configuration.eagle3 = try Eagle3Configuration(
        reading: document, vocabularySize: configuration.vocabularySize, hiddenSize: configuration.hiddenSize)
      // The released class builds exactly one layer, whatever the file says, and its head is its own.
      configuration.layerCount = 1
      configuration.tiesEmbeddings = false
      return configuration
    },
    rules: { eagle3Rules($0) },
    drops: { ModelFamily.isRotaryBuffer($0) || isTrainingLeftover($0) },
    defaultDepth: 7
  )

  /// Parts of the target that the speculators library trains with and some of its files still have.
  static func isTrainingLeftover(_ name: String) -> Bool { ["verifier_norm.weight", "verifier_lm_head.weight"].contains(name) }

  private static func eagle3Rules(_ configuration: TransformerConfiguration) -> [TensorRule] {
    let (hidden, vocabulary) = (configuration.hiddenSize, configuration.vocabularySize)
    let own = configuration.eagle3?.draftVocabularySize ?? vocabulary
    let wide = Eagle3Configuration.tapCount * (configuration.eagle3?.targetHiddenSize ?? hidden)
    // The mapping counts only where the vocabularies differ; files may hold it all the same.
    let mapping: TensorRule.Presence = own == vocabulary ? .ignored : .required
    // Which of the target's tokens a draft has follows from its offsets, so some files have those alone.
    let mask: TensorRule.Presence = own == vocabulary ? .ignored : .optional
    let prefix = "midlayer."
    return [
      TensorRule(.tokenEmbedding, "embed_tokens.weight", [vocabulary, hidden], .optional),
      TensorRule(.fusion(.projection), "fc.weight", [hidden, wide]),
      TensorRule(.fusion(.projectionBias), "fc.bias", [hidden], .optional),
      TensorRule(.layer(0, .hiddenNorm), prefix + "hidden_norm.weight", [hidden]),
      TensorRule(.layer(0, .inputNorm), prefix + "input_layernorm.weight", [hidden]),
    ]
      + TensorRule.attention(layer: 0, prefix: prefix, configuration, inputs: 2 * hidden)
      + [TensorRule(.layer(0, .postAttentionNorm), prefix + "post_attention_layernorm.weight", [hidden])]
      + TensorRule.feedForward(layer: 0, prefix: prefix, configuration, outputs: hidden)
      + [
        TensorRule(.finalNorm, "norm.weight", [hidden]),
        // Over the whole vocabulary the target's head can serve.
        TensorRule(.outputHead, "lm_head.weight", [own, hidden], own == vocabulary ? .optional : .required),
        TensorRule(.vocabularyOffsets, "d2t", [own], mapping, content: .integers),
        TensorRule(.vocabularyMask, "t2d", [vocabulary], mask, content: .integers),
      ]
  }
}
