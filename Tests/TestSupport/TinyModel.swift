public import ByteStorage
public import Models
public import Tensors

/// A small random model in the layout of a release: tensors under their released names, and a config.json.
///
/// The weights are random, but not without a plan: a token's strongest successor is much the same under a target and
/// its draft, so that trees are accepted to every depth, and not always.
public struct TinyModel: Sendable {
  public var source: MemorySource
  public var config: JSONObject

  /// The configuration as a reader sees it.
  public func document() throws -> ConfigDocument { try ConfigDocument(.object(config), file: "config.json") }

  /// What the tensors of a tiny model are like.
  public struct Options: Sendable {
    public var seed: UInt64 = 1
    public var type = ElementType.f32
    public var hidden = 64
    public var intermediate = 172
    public var layers = 2
    public var heads = 4
    public var keyValueHeads = 2
    /// Explicit, and no multiple of a dot product's lanes; nil for `hidden / heads`.
    public var headDimension: Int? = 20
    public var vocabulary = 203
    public var tied = false
    public var biases = false
    /// Norms over query and key heads, as Qwen3 has.
    public var headNorms = false
    /// Experts of a layer, of which a token goes through two; nil for a dense feed-forward.
    public var experts: Int?
    /// `model_type` of a target.
    public var modelType = "llama"
    /// Members that the configuration has beside the sizes.
    public var extra: JSONObject = [:]

    public init(seed: UInt64 = 1, type: ElementType = .f32) { (self.seed, self.type) = (seed, type) }

    public init(seed: UInt64 = 1, type: ElementType = .f32, _ change: (inout Options) -> Void) {
      self.init(seed: seed, type: type)
      change(&self)
    }

    var width: Int { headDimension ?? hidden / heads }

    /// Layers of a mixture without experts.
    var denseLayers: [Int] { extra["mlp_only_layers"]?.array?.compactMap(\.integer) ?? [] }

    /// Whether it is a mixture of Qwen's kind, whose experts are narrower than the feed-forward of its dense layers.
    var isQwenMixture: Bool { modelType == "qwen3_moe" || modelType == "qwen2_moe" }

    /// Width of the experts of such a mixture, and of the one that all tokens share; nil where there is none.
    var expertWidth: Int? { extra["moe_intermediate_size"]?.integer }
    var sharedWidth: Int? { extra["shared_expert_intermediate_size"]?.integer }

    /// Drafts are LLaMA-like whatever their target is.
    var ofDraft: Options {
      var options = self
      options.headNorms = false
      return options
    }
  }

  /// A LLaMA-like target, or what its options make of it.
  public static func target(_ options: Options = Options()) throws -> TinyModel {
    var builder = TinyBuilder(options)
    try builder.add("model.embed_tokens.weight", [options.vocabulary, options.hidden], values: builder.embedding())
    for layer in 0..<options.layers {
      let prefix = "model.layers.\(layer)."
      try builder.addNorm(prefix + "input_layernorm.weight")
      try builder.addAttention(prefix)
      try builder.addNorm(prefix + "post_attention_layernorm.weight")
      if options.isQwenMixture, !options.denseLayers.contains(layer) {
        try builder.addQwenExperts(prefix + "mlp.", count: options.experts ?? 0)
      } else if let experts = options.experts, !options.isQwenMixture {
        try builder.addExperts(prefix + "block_sparse_moe.", count: experts)
      } else {
        try builder.addFeedForward(prefix, outputs: options.hidden)
      }
    }
    try builder.addNorm("model.norm.weight")
    if !options.tied {
      try builder.add("lm_head.weight", [options.vocabulary, options.hidden], values: builder.successors())
    }
    return TinyModel(source: builder.source, config: builder.targetConfig(epsilon: 1e-5))
  }

  /// A GRIFFIN draft for the target of the same seed, vocabulary and hidden size.
  public static func draft(_ options: Options = Options()) throws -> TinyModel {
    let (hidden, wide) = (options.hidden, options.intermediate)
    var builder = TinyBuilder(options.ofDraft)
    try builder.add("embed_tokens.weight", [options.vocabulary, hidden], values: builder.embedding())
    try builder.add("fc.fc.weight", [hidden, 2 * hidden], values: builder.fusion())
    try builder.addRandom("fc.fc.bias", [hidden], scale: 0.05)
    try builder.addNorm("fc.post_attention_layernorm.weight")
    try builder.addNorm("fc.mlp.input_layernorm.weight")
    try builder.addRandom("fc.mlp.up_proj.weight", [wide, 2 * hidden], scale: 0.1)
    try builder.addRandom("fc.mlp.down_proj.weight", [hidden, wide], scale: 0.1)
    try builder.addAttention("layers.0.")
    try builder.addNorm("layers.0.post_attention_layernorm.weight")
    try builder.addFeedForward("layers.0.", outputs: 2 * hidden)
    return TinyModel(source: builder.source, config: builder.config(epsilon: 1e-6))
  }

  /// An EAGLE-3 draft for the target of the same seed, vocabulary and hidden size.
  /// - Parameter draftVocabulary: Rows of its head: every second token of the vocabulary, as far as they go; nil for all.
  public static func eagle3Draft(
    _ options: Options = Options { $0.layers = 8 }, draftVocabulary: Int? = 100, hasEmbedding: Bool = false
  ) throws -> TinyModel {
    let (hidden, vocabulary) = (options.hidden, options.vocabulary)
    var builder = TinyBuilder(options.ofDraft)
    if hasEmbedding { try builder.add("embed_tokens.weight", [vocabulary, hidden], values: builder.embedding()) }
    try builder.addRandom("fc.weight", [hidden, 3 * hidden], scale: 0.1)
    for name in ["hidden_norm", "input_layernorm", "post_attention_layernorm"] { try builder.addNorm("midlayer.\(name).weight") }
    try builder.addAttention("midlayer.", inputs: 2 * hidden)
    try builder.addFeedForward("midlayer.", outputs: hidden)
    try builder.addNorm("norm.weight")
    try builder.addRandom("lm_head.weight", [draftVocabulary ?? vocabulary, hidden], scale: 0.3)
    var config = builder.config(epsilon: 1e-6)
    if let draftVocabulary {
      let ids = (0..<draftVocabulary).map { 2 * $0 }
      try builder.source.add("d2t", .i64, [draftVocabulary], bytes: littleEndian(ids.enumerated().map { Int64($1 - $0) }))
      try builder.source.add("t2d", .bool, [vocabulary], bytes: (0..<vocabulary).map { ids.contains($0) ? 1 : 0 })
      config["draft_vocab_size"] = .integer(draftVocabulary)
    }
    // What released files say, which is not what the class builds.
    config["num_hidden_layers"] = 32
    return TinyModel(source: builder.source, config: config)
  }

  /// An EAGLE draft for the target of the same seed, vocabulary and hidden size; `layers` counts.
  /// - Parameters:
  ///   - hasBias: Whether the projection has one.
  ///   - hasEmbedding: Whether it brings the embedding along.
  public static func eagleDraft(
    _ options: Options = Options { $0.layers = 1 }, hasBias: Bool = true, hasEmbedding: Bool = true
  ) throws -> TinyModel {
    let hidden = options.hidden
    var builder = TinyBuilder(options.ofDraft)
    if hasEmbedding { try builder.add("embed_tokens.weight", [options.vocabulary, hidden], values: builder.embedding()) }
    try builder.add("fc.weight", [hidden, 2 * hidden], values: builder.fusion())
    if hasBias { try builder.addRandom("fc.bias", [hidden], scale: 0.05) }
    for layer in 0..<options.layers {
      let prefix = "layers.\(layer)."
      if layer > 0 { try builder.addNorm(prefix + "input_layernorm.weight") }
      try builder.addAttention(prefix)
      try builder.addNorm(prefix + "post_attention_layernorm.weight")
      try builder.addFeedForward(prefix, outputs: hidden)
    }
    return TinyModel(source: builder.source, config: builder.config(epsilon: 1e-6))
  }
}

extension TinyModel.Options {
  /// A tiny model of each family, in the ways in which it differs from LLaMA; `dynamic` is a LLaMA whose frequencies
  /// depend on the position.
  public static func family(_ name: String, seed: UInt64 = 1, type: ElementType = .f32) -> TinyModel.Options {
    TinyModel.Options(seed: seed, type: type) {
      $0.modelType = name
      switch name {
      case "qwen2": $0.biases = true
      case "qwen3": $0.headNorms = true
      case "mixtral": $0.experts = 5
      case "qwen3_moe":
        ($0.experts, $0.headNorms) = (5, true)
        $0.extra = [
          "num_experts": 5, "num_experts_per_tok": 2, "moe_intermediate_size": 36, "norm_topk_prob": true, "mlp_only_layers": [1],
          "num_local_experts": .null,
        ]
      case "qwen2_moe":
        ($0.experts, $0.biases) = (5, true)
        $0.extra = [
          "num_experts": 5, "num_experts_per_tok": 3, "moe_intermediate_size": 36, "shared_expert_intermediate_size": 44,
          "mlp_only_layers": [1], "num_local_experts": .null,
        ]
      case "smollm3": $0.extra = ["no_rope_layer_interval": 2]
      case "granite":
        $0.extra = ["embedding_multiplier": 1.5, "attention_multiplier": 0.3, "residual_multiplier": 0.6, "logits_scaling": 3.0]
      case "mistral": $0.extra = ["sliding_window": 4]
      case "dynamic":
        $0.modelType = "llama"
        $0.extra = ["max_position_embeddings": 7, "rope_scaling": ["type": "dynamic", "factor": 2.0]]
      default: break
      }
    }
  }

  /// Every family of `family(_:)`.
  public static let families = ["llama", "qwen2", "qwen3", "mixtral", "mistral", "qwen3_moe", "qwen2_moe", "smollm3", "granite"]
}

extension TinyModel {
  /// Puts an unusual value into a tensor: into its first element, or into all.
  public mutating func spoil(_ name: String, with value: Float, isWhole: Bool) throws {
    guard let index = source.tensors.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("there is no \(name)")
    }
    let tensor = source.tensors[index]
    var bytes: [UInt8] = []
    for _ in 0..<(isWhole ? tensor.shape.elementCount : 1) { tensor.type.append(value, to: &bytes) }
    source.overwrite(index, with: bytes)
  }
}

/// Fills a source tensor by tensor.
private struct TinyBuilder {
  let options: TinyModel.Options
  var source = MemorySource()
  private var numbers: SeededNumbers

  init(_ options: TinyModel.Options) {
    self.options = options
    numbers = SeededNumbers(seed: options.seed)
  }

  mutating func add(_ name: String, _ shape: [Int], values: [Float]) throws {
    try source.add(name, options.type, shape, values: values)
  }

  mutating func addRandom(_ name: String, _ shape: [Int], scale: Float, around center: Float = 0) throws {
    let values = (0..<shape.reduce(1, *)).map { _ in center + Float.random(in: -scale...scale, using: &numbers) }
    try add(name, shape, values: values)
  }

  mutating func addNorm(_ name: String) throws { try addRandom(name, [options.hidden], scale: 0.3, around: 1) }

  /// - Parameter inputs: Columns of queries, keys and values; nil for hidden.
  mutating func addAttention(_ prefix: String, inputs: Int? = nil) throws {
    let (queries, keys) = (options.heads * options.width, options.keyValueHeads * options.width)
    let parts = [
      ("q_proj", queries, inputs ?? options.hidden), ("k_proj", keys, inputs ?? options.hidden),
      ("v_proj", keys, inputs ?? options.hidden),
      ("o_proj", options.hidden, queries),
    ]
    for (part, rows, columns) in parts {
      try addRandom("\(prefix)self_attn.\(part).weight", [rows, columns], scale: 0.25)
      if options.biases, part != "o_proj" { try addRandom("\(prefix)self_attn.\(part).bias", [rows], scale: 0.5) }
    }
    guard options.headNorms else { return }
    for part in ["q_norm", "k_norm"] {
      try addRandom("\(prefix)self_attn.\(part).weight", [options.width], scale: 0.3, around: 1)
    }
  }

  mutating func addExperts(_ block: String, count: Int) throws {
    let (hidden, wide) = (options.hidden, options.intermediate)
    try addRandom(block + "gate.weight", [count, hidden], scale: 0.2)
    for expert in 0..<count {
      try addRandom("\(block)experts.\(expert).w1.weight", [wide, hidden], scale: 0.2)
      try addRandom("\(block)experts.\(expert).w2.weight", [hidden, wide], scale: 0.15)
      try addRandom("\(block)experts.\(expert).w3.weight", [wide, hidden], scale: 0.2)
    }
  }

  /// Experts under Qwen's names.
  mutating func addQwenExperts(_ block: String, count: Int) throws {
    try addRandom(block + "gate.weight", [count, options.hidden], scale: 0.2)
    for expert in 0..<count { try addProjections("\(block)experts.\(expert).", width: options.expertWidth ?? 0) }
    guard let shared = options.sharedWidth else { return }
    try addProjections(block + "shared_expert.", width: shared)
    try addRandom(block + "shared_expert_gate.weight", [1, options.hidden], scale: 0.2)
  }

  private mutating func addProjections(_ prefix: String, width: Int) throws {
    try addRandom(prefix + "gate_proj.weight", [width, options.hidden], scale: 0.2)
    try addRandom(prefix + "up_proj.weight", [width, options.hidden], scale: 0.2)
    try addRandom(prefix + "down_proj.weight", [options.hidden, width], scale: 0.15)
  }

  mutating func addFeedForward(_ prefix: String, outputs: Int) throws {
    let (hidden, wide) = (options.hidden, options.intermediate)
    try addRandom(prefix + "mlp.gate_proj.weight", [wide, hidden], scale: 0.2)
    try addRandom(prefix + "mlp.up_proj.weight", [wide, hidden], scale: 0.2)
    try addRandom(prefix + "mlp.down_proj.weight", [outputs, wide], scale: 0.15)
  }

  /// A row per token, the same for every model of a seed.
  func embedding() -> [Float] {
    var numbers = SeededNumbers(seed: options.seed ^ 0xE3BED)
    return (0..<options.vocabulary * options.hidden).map { _ in Float.random(in: -1...1, using: &numbers) }
  }

  /// An output head that knows each token's successor: near the embedding of the token that it follows.
  mutating func successors() -> [Float] {
    var order = SeededNumbers(seed: options.seed ^ 0x0DE)
    let before = (0..<options.vocabulary).shuffled(using: &order)
    let (rows, hidden) = (embedding(), options.hidden)
    return before.flatMap { token in
      (0..<hidden).map { rows[token * hidden + $0] * 0.3 + Float.random(in: -0.25...0.25, using: &numbers) }
    }
  }

  /// A fusion that lets both the embedding and the feature through.
  mutating func fusion() -> [Float] {
    let hidden = options.hidden
    return (0..<hidden * 2 * hidden).map { index in
      let (row, column) = index.quotientAndRemainder(dividingBy: 2 * hidden)
      let share: Float = column == row ? 1 : column == row + hidden ? 0.3 : 0
      return share + Float.random(in: -0.05...0.05, using: &numbers)
    }
  }

  func targetConfig(epsilon: Double) -> JSONObject {
    var config = config(epsilon: epsilon)
    config["model_type"] = .string(options.modelType)
    if let experts = options.experts {
      config["num_local_experts"] = .integer(experts)
      config["num_experts_per_tok"] = 2
    }
    for member in options.extra.members { config[member.key] = member.value }
    return config
  }

  func config(epsilon: Double) -> JSONObject {
    var config: JSONObject = [
      "architectures": ["LlamaForCausalLM"],
      "model_type": "llama",
      "hidden_act": "silu",
      "hidden_size": .integer(options.hidden),
      "intermediate_size": .integer(options.intermediate),
      "num_hidden_layers": .integer(options.layers),
      "num_attention_heads": .integer(options.heads),
      "num_key_value_heads": .integer(options.keyValueHeads),
      "rms_norm_eps": .number(epsilon),
      "tie_word_embeddings": .bool(options.tied),
      "vocab_size": .integer(options.vocabulary),
    ]
    if let headDimension = options.headDimension { config["head_dim"] = .integer(headDimension) }
    return config
  }
}
