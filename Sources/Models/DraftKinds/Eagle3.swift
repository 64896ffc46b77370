internal import ByteStorage
internal import Tensors

extension DraftKind {
  /// EAGLE-3 (arXiv 2503.01840): states of the target fused, a layer whose attention reads embedding and feature side by side and mostly
  /// no other, a final norm and mostly a head of its own, whose vocabulary may be a part of the target's. EAGLE-3.1 adds norms.
  ///
  /// - Source: `Model` in EAGLE's `cnets.py`; `Eagle3DraftModel` of the speculators library.
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
      configuration.tiesEmbeddings = false
      return configuration
    },
    rules: { eagle3Rules($0) },
    drops: { ModelFamily.isRotaryBuffer($0) || isTrainingLeftover($0) },
    completes: { completedEagle3($0, $1) },
    defaultDepth: 7
  )

  /// Parts of the target that the speculators library trains with and some of its files still have.
  static func isTrainingLeftover(_ name: String) -> Bool { ["verifier_norm.weight", "verifier_lm_head.weight"].contains(name) }

  /// What a configuration leaves open or says in vain, by the tensors: released files name their target's number of layers, and not
  /// every writer names the norms.
  private static func completedEagle3(_ document: ConfigDocument, _ table: TensorTable) -> ConfigDocument {
    var layers = 1
    while table["layers.\(layers).input_layernorm.weight"] != nil { layers += 1 }
    return document.without(["num_hidden_layers"]).filling([
      "num_hidden_layers": .integer(layers),
      "fc_norm": .bool(table["fc_norm.0.weight"] != nil),
      "norm_before_fc": .bool(table["input_norm.weight"] != nil),
    ])
  }

  private static func eagle3Rules(_ configuration: TransformerConfiguration) -> [TensorRule] {
    let (hidden, vocabulary) = (configuration.hiddenSize, configuration.vocabularySize)
    let own = configuration.eagle3?.draftVocabularySize ?? vocabulary
    let (states, width) = (configuration.eagle3?.tapCount ?? 0, configuration.eagle3?.targetHiddenSize ?? hidden)
    // The mapping counts only where the vocabularies differ; files may hold it all the same.
    let mapping: TensorRule.Presence = own == vocabulary ? .ignored : .required
    // Which of the target's tokens a draft has follows from its offsets, so some files have those alone.
    let mask: TensorRule.Presence = own == vocabulary ? .ignored : .optional
    var rules = [TensorRule(.tokenEmbedding, "embed_tokens.weight", [vocabulary, hidden], .optional)]
    switch configuration.eagle3?.stateNorms ?? .none {
    case .none: break
    case .each: rules += (0..<states).map { TensorRule(.fusion(.stateNorm($0)), "fc_norm.\($0).weight", [width]) }
    case .together: rules.append(TensorRule(.fusion(.statesNorm), "input_norm.weight", [states * width]))
    }
    rules += [
      TensorRule(.fusion(.projection), "fc.weight", [hidden, states * width]),
      TensorRule(.fusion(.projectionBias), "fc.bias", [hidden], .optional),
    ]
    for layer in 0..<configuration.layerCount { rules += eagle3Layer(layer, configuration) }
    return rules + [
      TensorRule(.finalNorm, "norm.weight", [hidden]),
      // Over the whole vocabulary the target's head can serve.
      TensorRule(.outputHead, "lm_head.weight", [own, hidden], own == vocabulary ? .optional : .required),
      TensorRule(.vocabularyOffsets, "d2t", [own], mapping, content: .integers),
      TensorRule(.vocabularyMask, "t2d", [vocabulary], mask, content: .integers),
    ]
  }

  /// A layer: the first reads embedding and feature, further ones are those of a LLaMA, or of a Qwen3 with its norms of heads.
  private static func eagle3Layer(_ layer: Int, _ configuration: TransformerConfiguration) -> [TensorRule] {
    let (hidden, prefix) = (configuration.hiddenSize, layer == 0 ? "midlayer." : "layers.\(layer).")
    let first = layer == 0 ? [TensorRule(.layer(layer, .hiddenNorm), prefix + "hidden_norm.weight", [hidden])] : []
    return first
      + [TensorRule(.layer(layer, .inputNorm), prefix + "input_layernorm.weight", [hidden])]
      + TensorRule.attention(layer: layer, prefix: prefix, configuration, inputs: layer == 0 ? 2 * hidden : hidden)
      + TensorRule.headNorms(layer: layer, prefix: prefix, configuration, .optional)
      + [TensorRule(.layer(layer, .postAttentionNorm), prefix + "post_attention_layernorm.weight", [hidden])]
      + TensorRule.feedForward(layer: layer, prefix: prefix, configuration, outputs: hidden)
  }
}
