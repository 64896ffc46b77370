/// One tensor that a declaration expects.
public struct TensorRule: Sendable, Hashable {
  public enum Presence: Sendable, Hashable {
    case required
    /// May be absent; the tensors decide, not the configuration.
    case optional
  }

  public let role: TensorRole
  /// The canonical (Hugging Face) name, without a component prefix.
  public let name: String
  /// Outermost dimension first.
  public let shape: [Int]
  public let presence: Presence

  public init(_ role: TensorRole, _ name: String, _ shape: [Int], _ presence: Presence = .required) {
    self.role = role
    self.name = name
    self.shape = shape
    self.presence = presence
  }
}

extension TensorRule {
  /// The attention of one LLaMA-like layer under `prefix` (`model.layers.0.`): projections, and biases where present.
  public static func attention(layer: Int, prefix: String, _ configuration: TransformerConfiguration) -> [TensorRule] {
    let hidden = configuration.hiddenSize
    let (queries, keys) = (configuration.queryWidth, configuration.keyValueWidth)
    return [
      TensorRule(.layer(layer, .query), prefix + "self_attn.q_proj.weight", [queries, hidden]),
      TensorRule(.layer(layer, .queryBias), prefix + "self_attn.q_proj.bias", [queries], .optional),
      TensorRule(.layer(layer, .key), prefix + "self_attn.k_proj.weight", [keys, hidden]),
      TensorRule(.layer(layer, .keyBias), prefix + "self_attn.k_proj.bias", [keys], .optional),
      TensorRule(.layer(layer, .value), prefix + "self_attn.v_proj.weight", [keys, hidden]),
      TensorRule(.layer(layer, .valueBias), prefix + "self_attn.v_proj.bias", [keys], .optional),
      TensorRule(.layer(layer, .output), prefix + "self_attn.o_proj.weight", [hidden, queries]),
      TensorRule(.layer(layer, .outputBias), prefix + "self_attn.o_proj.bias", [hidden], .optional),
    ]
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
