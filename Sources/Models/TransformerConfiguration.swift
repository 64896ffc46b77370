public import ByteStorage

/// The hyper-parameters that decide a transformer's tensors and its arithmetic.
///
/// One type serves targets and drafts. It is read from `config.json` with Hugging Face's defaults
/// filled in, and written to manifests with none left open, so that a bundle means the same
/// whatever the defaults of a later reader.
public struct TransformerConfiguration: Sendable, Hashable {
  /// Width of the residual stream (`hidden_size`).
  public var hiddenSize: Int
  /// Width of the feed-forward layer (`intermediate_size`).
  public var intermediateSize: Int
  /// Decoder layers (`num_hidden_layers`).
  public var layerCount: Int
  /// Query heads (`num_attention_heads`).
  public var headCount: Int
  /// Key and value heads (`num_key_value_heads`); equal to `headCount` where the file is silent.
  public var keyValueHeadCount: Int
  /// Elements of one head (`head_dim`); `hidden_size / num_attention_heads` where the file is silent.
  public var headDimension: Int
  /// Rows of the embedding (`vocab_size`).
  public var vocabularySize: Int
  /// Added to the mean square before the root (`rms_norm_eps`).
  public var rmsNormEpsilon: Double
  /// Rotary position embedding: base and scaling.
  public var rotary: RotaryConfiguration
  /// Whether `lm_head` is the embedding (`tie_word_embeddings`).
  public var tiesEmbeddings: Bool
  /// The experts of a mixture; nil for a dense feed-forward.
  public var experts: ExpertConfiguration?
  /// Attention over the last positions alone; nil where every token sees the whole text.
  public var slidingWindow: SlidingWindow?
  /// Layers that do not rotate queries and keys (`no_rope_layers`).
  public var unrotatedLayers: Set<Int> = []
  /// Numbers that the family multiplies by; nil where it has none.
  public var multipliers: Multipliers?
  /// Tokens that a draft without a head of its own was trimmed to (`trimmed_vocab_size`): rows of the head that it then has.
  public var trimmedVocabularySize: Int?
  /// What an EAGLE-3 draft has beside; nil for every other model.
  public var eagle3: Eagle3Configuration?
  /// Positions the model was trained for (`max_position_embeddings`), where stated. Nothing is cut to it.
  public var maximumPositions: Int?
  /// What the file says of q, k and v biases (`attention_bias`, `qkv_bias`), where it says anything. Tensors decide.
  public var declaresAttentionBias: Bool?
  /// Ids that begin a text (`bos_token_id`).
  public var beginTokens: [Int]
  /// Ids that end a generation (`eos_token_id`), of config.json and generation_config.json.
  public var endTokens: [Int]

  /// Elements of all query heads together.
  public var queryWidth: Int { headCount * headDimension }
  /// Elements of all key (or value) heads together.
  public var keyValueWidth: Int { keyValueHeadCount * headDimension }
  /// The end tokens that the model can give.
  public var stopTokens: Set<Int> { Set(endTokens.filter((0..<vocabularySize).contains)) }
}

extension TransformerConfiguration {
  /// Bounds that no released model comes near; they keep every product of two within 64 bits.
  private enum Limit {
    static let width = 1...1_048_576
    static let layers = 1...4096
    static let heads = 1...4096
    static let vocabulary = 1...16_777_216
    static let positions = 1...1_000_000_000
  }

  /// Reads a normalised configuration, such as a manifest has, with whatever it says of experts and windows.
  /// - Throws: `malformed` for missing or mistyped keys, `unsupported` for an activation other than SiLU
  ///   or a rope scaling that is not known, `inconsistent` where heads do not divide.
  public init(reading document: ConfigDocument) throws(GriffinError) {
    hiddenSize = try document.requiredInteger("hidden_size", in: Limit.width)
    intermediateSize = try document.requiredInteger("intermediate_size", in: Limit.width)
    layerCount = try document.requiredInteger("num_hidden_layers", in: Limit.layers)
    headCount = try document.requiredInteger("num_attention_heads", in: Limit.heads)
    keyValueHeadCount = try document.integer("num_key_value_heads", in: Limit.heads) ?? headCount
    vocabularySize = try document.requiredInteger("vocab_size", in: Limit.vocabulary)
    rmsNormEpsilon = try document.double("rms_norm_eps", in: 0...1) ?? 1e-6
    tiesEmbeddings = try document.bool("tie_word_embeddings") ?? false
    maximumPositions = try document.integer("max_position_embeddings", in: Limit.positions)
    let (attentionBias, qkvBias) = (try document.bool("attention_bias"), try document.bool("qkv_bias"))
    declaresAttentionBias = attentionBias ?? qkvBias
    rotary = try RotaryConfiguration(reading: document, maximumPositions: maximumPositions)
    experts = try ExpertConfiguration(reading: document, layerCount: layerCount)
    slidingWindow = try SlidingWindow(reading: document, layerCount: layerCount)
    unrotatedLayers = try document.unrotatedLayers(layerCount) ?? []
    multipliers = try Multipliers(ifAnyIn: document)
    trimmedVocabularySize = try document.integer("trimmed_vocab_size", in: Limit.vocabulary)
    // Only manifests of EAGLE-3 drafts have the rule.
    eagle3 =
      try document.string("eagle_tap_rule") == nil
      ? nil : Eagle3Configuration(reading: document, vocabularySize: vocabularySize, hiddenSize: hiddenSize)
    beginTokens = try document.tokens("bos_token_id")
    endTokens = try document.tokens("eos_token_id")

    if let explicit = try document.integer("head_dim", in: Limit.width) {
      headDimension = explicit
    } else {
      guard hiddenSize % headCount == 0 else {
        throw GriffinError(
          .inconsistent, file: document.file,
          "hidden_size \(hiddenSize) is not a multiple of num_attention_heads \(headCount), and there is no head_dim")
      }
      headDimension = hiddenSize / headCount
    }
    guard headCount % keyValueHeadCount == 0 else {
      throw GriffinError(
        .inconsistent, file: document.file,
        "num_attention_heads \(headCount) is not a multiple of num_key_value_heads \(keyValueHeadCount)")
    }
    guard headDimension % 2 == 0 else {
      throw GriffinError(
        .inconsistent, file: document.file, "head_dim is \(headDimension); rotary position embedding needs an even number")
    }
    if let factors = rotary.frequencyFactors, factors.count != headDimension / 2 {
      throw GriffinError(
        .inconsistent, file: document.file,
        "rope_freq_factors has \(factors.count) numbers; a head of \(headDimension) has \(headDimension / 2) pairs")
    }
    let activation = try document.string("hidden_act") ?? "silu"
    guard activation == "silu" || activation == "swish" else {
      throw GriffinError(.unsupported, file: document.file, "hidden_act is \(activation.shortened(to: 40).printable); expected silu")
    }
  }

  /// Reads the keys that dense, LLaMA-like configurations share, in which experts, windows and multipliers mean nothing.
  /// - Throws: As `init(reading:)`.
  init(readingDense document: ConfigDocument) throws(GriffinError) {
    try self.init(
      reading: document.without(
        ["num_local_experts", "num_experts_per_tok", "sliding_window", "layer_types", "no_rope_layers"] + Multipliers.keys))
  }

  /// The normalised configuration for a manifest: Hugging Face's keys, nothing left to a default.
  public var document: JSONObject {
    var object: JSONObject = [
      "hidden_size": .integer(hiddenSize),
      "intermediate_size": .integer(intermediateSize),
      "num_hidden_layers": .integer(layerCount),
      "num_attention_heads": .integer(headCount),
      "num_key_value_heads": .integer(keyValueHeadCount),
      "head_dim": .integer(headDimension),
      "vocab_size": .integer(vocabularySize),
      "hidden_act": "silu",
      "rms_norm_eps": .number(rmsNormEpsilon),
      "rope_theta": .number(rotary.base),
      "rope_scaling": rotary.scaling.document,
      "tie_word_embeddings": .bool(tiesEmbeddings),
    ]
    if let factors = rotary.frequencyFactors {
      object["rope_freq_factors"] = .array(factors.map { .number(Double($0)) })
    }
    for member in experts?.members ?? [] { object[member.key] = member.value }
    if !unrotatedLayers.isEmpty {
      object["no_rope_layers"] = .array((0..<layerCount).map { .integer(unrotatedLayers.contains($0) ? 0 : 1) })
    }
    for member in multipliers?.members ?? [] { object[member.key] = member.value }
    if let slidingWindow {
      object["sliding_window"] = .integer(slidingWindow.size)
      object["layer_types"] = .array(slidingWindow.layerTypes)
    }
    if let trimmedVocabularySize { object["trimmed_vocab_size"] = .integer(trimmedVocabularySize) }
    for member in eagle3?.members ?? [] { object[member.key] = member.value }
    if let maximumPositions { object["max_position_embeddings"] = .integer(maximumPositions) }
    if let declaresAttentionBias { object["attention_bias"] = .bool(declaresAttentionBias) }
    object["bos_token_id"] = .array(beginTokens.map { .integer($0) })
    object["eos_token_id"] = .array(endTokens.map { .integer($0) })
    return object
  }
}

extension ConfigDocument {
  /// The layers that `no_rope_layers` has a 0 for; nil where it is absent.
  /// - Throws: `malformed` for anything but a 0 or a 1 for every layer.
  func unrotatedLayers(_ count: Int) throws(GriffinError) -> Set<Int>? {
    guard let value = value("no_rope_layers") else { return nil }
    let flags = value.array?.compactMap(\.integer) ?? []
    guard flags.count >= count, flags.count == value.array?.count, flags.count <= 4096, flags.allSatisfy((0...1).contains) else {
      throw GriffinError(.malformed, file: file, "no_rope_layers is not a list of 0 or 1 for each of num_hidden_layers (\(count))")
    }
    return Set((0..<count).filter { flags[$0] == 0 })
  }
}
