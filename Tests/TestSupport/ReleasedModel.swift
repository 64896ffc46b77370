public import ByteStorage
public import Models
public import Tensors

/// A released model by its facts: the configuration's numbers, and tensors by name, shape and type. There are no values.
public struct ReleasedModel: Sendable {
  /// A tensor of the release.
  public struct Tensor: Sendable {
    public let name: String
    public let type: ElementType
    public let shape: [Int]
  }

  public let name: String
  /// What the makers publish: all parameters, or for drafts thousands of millions without the embedding.
  public let parameters: Int
  public let billions: Double
  public let family: String
  public var type: ElementType
  public let hidden, intermediate, layers, heads, keyValueHeads, vocabulary: Int
  /// Elements of a head where it is not `hidden / heads`.
  public let headDimension: Int?
  public let isTied, isDraft: Bool
  /// Experts of a layer; 0 for a dense feed-forward.
  public let experts: Int
  /// Width of an expert, where it is not that of the feed-forward, and of one that all tokens share.
  var expertWidth: Int? { extra["moe_intermediate_size"]?.integer }
  private var sharedWidth: Int? { extra["shared_expert_intermediate_size"]?.integer }
  /// Whether the projections are floats of 8 bits with a scale for each block of 128 x 128.
  public var isFP8 = false
  /// Files of the release, PyTorch's or safetensors.
  public let shards: Int
  public let isPyTorch: Bool
  /// Further members of the configuration.
  public let extra: JSONObject

  init(
    _ name: String, parameters: Int = 0, billions: Double = 0, _ family: String, _ type: ElementType, hidden: Int,
    intermediate: Int, layers: Int, heads: Int, keyValueHeads: Int, vocabulary: Int, headDimension: Int? = nil,
    isTied: Bool = false, isDraft: Bool = false, experts: Int = 0, shards: Int = 1, isPyTorch: Bool = false,
    _ extra: JSONObject = [:]
  ) {
    (self.name, self.parameters, self.billions, self.family, self.type) = (name, parameters, billions, family, type)
    (self.hidden, self.intermediate, self.layers, self.heads) = (hidden, intermediate, layers, heads)
    (self.keyValueHeads, self.vocabulary, self.headDimension) = (keyValueHeads, vocabulary, headDimension)
    (self.isTied, self.isDraft, self.experts) = (isTied, isDraft, experts)
    (self.shards, self.isPyTorch, self.extra) = (shards, isPyTorch, extra)
  }

  public var config: JSONObject {
    var config: JSONObject = [
      "architectures": [.string(family == "qwen2" ? "Qwen2ForCausalLM" : "LlamaForCausalLM")], "model_type": .string(family),
      "hidden_act": "silu", "hidden_size": .integer(hidden), "intermediate_size": .integer(intermediate),
      "num_hidden_layers": .integer(layers), "num_attention_heads": .integer(heads),
      "num_key_value_heads": .integer(keyValueHeads), "vocab_size": .integer(vocabulary), "tie_word_embeddings": .bool(isTied),
    ]
    if let headDimension { config["head_dim"] = .integer(headDimension) }
    if experts > 0 { (config["num_local_experts"], config["num_experts_per_tok"]) = (.integer(experts), 2) }
    for member in extra.members { config[member.key] = member.value }
    if isFP8 { config["quantization_config"] = ["quant_method": "fp8", "fmt": "e4m3", "activation_scheme": "dynamic", "weight_block_size": [128, 128]] }
    return config
  }

  public func document() throws -> ConfigDocument { try ConfigDocument(.object(config), file: "config.json") }

  /// The tensors without bytes.
  public func source() throws -> MemorySource {
    var source = MemorySource()
    for tensor in tensors { try source.add(tensor.name, tensor.type, tensor.shape) }
    return source
  }

  /// In the order of the network.
  public var tensors: [Tensor] { isDraft ? draftTensors : isFP8 ? targetTensors.flatMap(ReleasedModel.scaled) : targetTensors }

  /// A projection as floats of 8 bits with their scales; anything else as it is.
  private static func scaled(_ tensor: Tensor) -> [Tensor] {
    guard tensor.name.hasSuffix("_proj.weight"), tensor.shape.count == 2 else { return [tensor] }
    return [
      Tensor(name: tensor.name, type: .f8_e4m3, shape: tensor.shape),
      Tensor(name: tensor.name + "_scale_inv", type: tensor.type, shape: tensor.shape.map { ($0 + 127) / 128 }),
    ]
  }

  private var targetTensors: [Tensor] {
    var tensors = [tensor("model.embed_tokens.weight", vocabulary, hidden)]
    for layer in 0..<layers {
      let prefix = "model.layers.\(layer)."
      tensors += attention(prefix)
      tensors += experts > 0 ? mixture(prefix) : feedForward(prefix, outputs: hidden)
      tensors += [tensor(prefix + "input_layernorm.weight", hidden), tensor(prefix + "post_attention_layernorm.weight", hidden)]
    }
    tensors.append(tensor("model.norm.weight", hidden))
    return isTied ? tensors : tensors + [tensor("lm_head.weight", vocabulary, hidden)]
  }

  private var draftTensors: [Tensor] {
    [
      tensor("embed_tokens.weight", vocabulary, hidden), tensor("fc.fc.weight", hidden, 2 * hidden), tensor("fc.fc.bias", hidden),
      tensor("fc.post_attention_layernorm.weight", hidden), tensor("fc.mlp.input_layernorm.weight", hidden),
      tensor("fc.mlp.up_proj.weight", intermediate, 2 * hidden), tensor("fc.mlp.down_proj.weight", hidden, intermediate),
    ] + attention("layers.0.") + feedForward("layers.0.", outputs: 2 * hidden)
      + [tensor("layers.0.post_attention_layernorm.weight", hidden)]
  }

  private func tensor(_ name: String, _ shape: Int...) -> Tensor { Tensor(name: name, type: type, shape: shape) }

  private func attention(_ prefix: String) -> [Tensor] {
    let width = headDimension ?? hidden / heads
    let (queries, keys) = (heads * width, keyValueHeads * width)
    let block = prefix + "self_attn."
    var tensors = [
      tensor(block + "q_proj.weight", queries, hidden), tensor(block + "k_proj.weight", keys, hidden),
      tensor(block + "v_proj.weight", keys, hidden), tensor(block + "o_proj.weight", hidden, queries),
    ]
    if family == "qwen2" || family == "qwen2_moe" {
      for (part, rows) in [("q", queries), ("k", keys), ("v", keys)] { tensors.append(tensor(block + "\(part)_proj.bias", rows)) }
    }
    if family == "qwen3" || family == "qwen3_moe" { tensors += [tensor(block + "q_norm.weight", width), tensor(block + "k_norm.weight", width)] }
    return tensors
  }

  private func feedForward(_ prefix: String, outputs: Int) -> [Tensor] {
    [
      tensor(prefix + "mlp.gate_proj.weight", intermediate, hidden), tensor(prefix + "mlp.up_proj.weight", intermediate, hidden),
      tensor(prefix + "mlp.down_proj.weight", outputs, intermediate),
    ]
  }

  private func mixture(_ prefix: String) -> [Tensor] {
    if let expertWidth { return qwenMixture(prefix + "mlp.", expertWidth) }
    let block = prefix + "block_sparse_moe."
    return [tensor(block + "gate.weight", experts, hidden)]
      + (0..<experts).flatMap { expert in
        [
          tensor("\(block)experts.\(expert).w1.weight", intermediate, hidden),
          tensor("\(block)experts.\(expert).w2.weight", hidden, intermediate),
          tensor("\(block)experts.\(expert).w3.weight", intermediate, hidden),
        ]
      }
  }

  private func qwenMixture(_ block: String, _ width: Int) -> [Tensor] {
    func projections(_ name: String, _ width: Int) -> [Tensor] {
      [
        tensor("\(block)\(name).gate_proj.weight", width, hidden), tensor("\(block)\(name).up_proj.weight", width, hidden),
        tensor("\(block)\(name).down_proj.weight", hidden, width),
      ]
    }
    let shared = sharedWidth.map { projections("shared_expert", $0) + [tensor(block + "shared_expert_gate.weight", 1, hidden)] }
    return [tensor(block + "gate.weight", experts, hidden)] + (0..<experts).flatMap { projections("experts.\($0)", width) } + (shared ?? [])
  }
}
