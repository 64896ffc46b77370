/// One tensor that a declaration expects.
public struct TensorRule: Sendable, Hashable {
  public enum Presence: Sendable, Hashable {
    case required
    /// May be absent; the tensors decide, not the configuration.
    case optional
    /// May be there, and means nothing; it is dropped, and said.
    case ignored
  }

  /// What a tensor's elements are.
  public enum Content: Sendable, Hashable {
    /// Numbers that a decoder multiplies by.
    case weights
    /// Token ids and the like, which no recipe touches.
    case integers
  }

  public let role: TensorRole
  /// The canonical (Hugging Face) name, without a component prefix.
  public let name: String
  /// Outermost dimension first.
  public let shape: [Int]
  public let presence: Presence
  public let content: Content

  public init(
    _ role: TensorRole, _ name: String, _ shape: [Int], _ presence: Presence = .required, content: Content = .weights
  ) {
    self.content = content
    self.role = role
    self.name = name
    self.shape = shape
    self.presence = presence
  }
}

extension TensorRule {
  /// Which biases the attention projections of a family have.
  public enum AttentionBiases: Sendable, Hashable {
    case none
    /// Whatever of the four the file has.
    case optional
    /// On queries, keys and values, and none on the output.
    case required
  }

  /// The attention of one LLaMA-like layer under `prefix` (`model.layers.0.`): projections, and biases.
  /// - Parameter inputs: Columns of the projections to queries, keys and values; nil for hidden_size.
  public static func attention(
    layer: Int, prefix: String, _ configuration: TransformerConfiguration, biases: AttentionBiases = .optional,
    inputs: Int? = nil
  ) -> [TensorRule] {
    let hidden = configuration.hiddenSize
    let inputs = inputs ?? hidden
    let (queries, keys) = (configuration.queryWidth, configuration.keyValueWidth)
    let presence: Presence = biases == .required ? .required : .optional
    let rules = [
      TensorRule(.layer(layer, .query), prefix + "self_attn.q_proj.weight", [queries, inputs]),
      TensorRule(.layer(layer, .queryBias), prefix + "self_attn.q_proj.bias", [queries], presence),
      TensorRule(.layer(layer, .key), prefix + "self_attn.k_proj.weight", [keys, inputs]),
      TensorRule(.layer(layer, .keyBias), prefix + "self_attn.k_proj.bias", [keys], presence),
      TensorRule(.layer(layer, .value), prefix + "self_attn.v_proj.weight", [keys, inputs]),
      TensorRule(.layer(layer, .valueBias), prefix + "self_attn.v_proj.bias", [keys], presence),
      TensorRule(.layer(layer, .output), prefix + "self_attn.o_proj.weight", [hidden, queries]),
      TensorRule(.layer(layer, .outputBias), prefix + "self_attn.o_proj.bias", [hidden], .optional),
    ]
    return rules.filter { rule in
      switch rule.role {
      case .layer(_, .queryBias), .layer(_, .keyBias), .layer(_, .valueBias): biases != .none
      case .layer(_, .outputBias): biases == .optional
      default: true
      }
    }
  }

  /// What the target's states go through before a draft reads them, where its target changed after it was trained.
  static func adapter(_ configuration: TransformerConfiguration) -> TensorRule {
    TensorRule(.fusion(.adapter), "adapter.weight", [configuration.hiddenSize, configuration.hiddenSize], .optional)
  }

  /// The head of a draft that uses its target's: a copy that some tools put there and that means nothing, or where the draft was trimmed
  /// the rows of some tokens, with their ids.
  static func borrowedHead(_ configuration: TransformerConfiguration) -> [TensorRule] {
    let name = "lm_head.weight"
    guard let own = configuration.trimmedVocabularySize else {
      return [TensorRule(.outputHead, name, [configuration.vocabularySize, configuration.hiddenSize], .ignored)]
    }
    return [
      TensorRule(.outputHead, name, [own, configuration.hiddenSize]), TensorRule(.vocabularyOffsets, "d2t", [own], content: .integers),
    ]
  }

  /// The norms of one layer's query and key heads.
  public static func headNorms(
    layer: Int, prefix: String, _ configuration: TransformerConfiguration, _ presence: Presence = .required
  ) -> [TensorRule] {
    [
      TensorRule(.layer(layer, .queryNorm), prefix + "self_attn.q_norm.weight", [configuration.headDimension], presence),
      TensorRule(.layer(layer, .keyNorm), prefix + "self_attn.k_norm.weight", [configuration.headDimension], presence),
    ]
  }

  /// The feed-forward of one layer of a mixture: router and experts, each expert's projections tensors of their own, the expert that
  /// all tokens share where there is one; or a dense one.
  static func mixture(
    layer: Int, prefix: String, _ configuration: TransformerConfiguration, _ names: ExpertNames
  ) -> [TensorRule] {
    guard let experts = configuration.experts, !experts.denseLayers.contains(layer) else {
      return feedForward(layer: layer, prefix: prefix, configuration, outputs: configuration.hiddenSize)
    }
    let (hidden, wide) = (configuration.hiddenSize, experts.intermediateSize ?? configuration.intermediateSize)
    let block = prefix + names.block + "."
    var rules = [TensorRule(.layer(layer, .router), block + "gate.weight", [experts.count, hidden])]
    for expert in 0..<experts.count {
      let name = block + "experts.\(expert)."
      rules.append(TensorRule(.layer(layer, .expert(expert, .gate)), name + "\(names.gate).weight", [wide, hidden]))
      rules.append(TensorRule(.layer(layer, .expert(expert, .up)), name + "\(names.up).weight", [wide, hidden]))
      rules.append(TensorRule(.layer(layer, .expert(expert, .down)), name + "\(names.down).weight", [hidden, wide]))
    }
    if let shared = experts.sharedIntermediateSize {
      let name = block + "shared_expert."
      rules.append(TensorRule(.layer(layer, .sharedExpert(.gate)), name + "\(names.gate).weight", [shared, hidden]))
      rules.append(TensorRule(.layer(layer, .sharedExpert(.up)), name + "\(names.up).weight", [shared, hidden]))
      rules.append(TensorRule(.layer(layer, .sharedExpert(.down)), name + "\(names.down).weight", [hidden, shared]))
      rules.append(TensorRule(.layer(layer, .sharedExpertGate), block + "shared_expert_gate.weight", [1, hidden]))
    }
    return rules
  }

  /// The gated feed-forward of one LLaMA-like layer; `outputs` is hidden_size but for a dual head.
  public static func feedForward(
    layer: Int, prefix: String, _ configuration: TransformerConfiguration, outputs: Int
  ) -> [TensorRule] {
    let (hidden, wide) = (configuration.hiddenSize, configuration.intermediateSize)
    return [
      TensorRule(.layer(layer, .gate), prefix + "mlp.gate_proj.weight", [wide, hidden]),
      TensorRule(.layer(layer, .gateBias), prefix + "mlp.gate_proj.bias", [wide], .optional),
      TensorRule(.layer(layer, .up), prefix + "mlp.up_proj.weight", [wide, hidden]),
      TensorRule(.layer(layer, .upBias), prefix + "mlp.up_proj.bias", [wide], .optional),
      TensorRule(.layer(layer, .down), prefix + "mlp.down_proj.weight", [outputs, wide]),
      TensorRule(.layer(layer, .downBias), prefix + "mlp.down_proj.bias", [outputs], .optional),
    ]
  }
}
