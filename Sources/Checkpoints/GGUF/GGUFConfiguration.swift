internal import ByteStorage

/// The `config.json` and `generation_config.json` that say what a GGUF file's metadata say.
struct GGUFConfiguration {
  /// Under Hugging Face's keys, and `rope_freq_factors` for the factors of rotary frequencies, which is ours.
  let config: JSONObject
  /// Where a text may end with one of several tokens.
  let generation: JSONObject?

  /// - Parameters:
  ///   - vocabularySize: Rows of the token embedding.
  ///   - headRows: Rows of the output head; nil where the file has none of its own.
  ///   - ropeFactors: What inverse frequencies are divided by, `[head_dim / 2]`, where the file has them.
  init(
    _ parameters: GGUFHyperParameters, _ metadata: GGUFMetadata, vocabularySize: Int, headRows: Int?, ropeFactors: [Float]?
  ) throws(GriffinError) {
    let architecture = parameters.architecture
    let model = try architecture.modelType(metadata)
    var config: JSONObject = [
      "architectures": [.string(model.architecture)],
      "model_type": .string(model.type),
      "hidden_act": "silu",
      "hidden_size": .integer(parameters.hiddenSize),
      "intermediate_size": .integer(parameters.intermediateSize),
      "num_hidden_layers": .integer(parameters.layerCount),
      "num_attention_heads": .integer(parameters.headCount),
      "num_key_value_heads": .integer(parameters.keyValueHeadCount),
      "head_dim": .integer(parameters.headDimension),
      "vocab_size": .integer(vocabularySize),
      "tie_word_embeddings": .bool(headRows == nil && architecture.draftKeys == nil),
    ]
    let epsilonKey = architecture.key("attention.layer_norm_rms_epsilon")
    guard let epsilon = try metadata.number(epsilonKey) else {
      throw GriffinError(.malformed, file: metadata.file.path, "\(epsilonKey) is missing; a model needs it")
    }
    config["rms_norm_eps"] = .number(epsilon)
    config["rope_theta"] = .number(try metadata.number(architecture.key("rope.freq_base")) ?? 10000)
    config["rope_scaling"] = try GGUFConfiguration.scaling(architecture, metadata)
    if let ropeFactors { config["rope_freq_factors"] = .array(ropeFactors.map { .number($0.shortestDecimal) }) }
    if let positions = try metadata.integer(architecture.key("context_length")) {
      config["max_position_embeddings"] = .integer(positions)
    }
    if parameters.expertCount > 0 {
      config["num_local_experts"] = .integer(parameters.expertCount)
      config["num_experts_per_tok"] = .integer(parameters.expertsPerToken)
    }
    // Written even where there is none: an absent window means a default one to some families.
    config["sliding_window"] = try metadata.integer(architecture.key("attention.sliding_window")).map { .integer($0) } ?? .null

    for member in try architecture.keys?(metadata).members ?? [] { config[member.key] = member.value }
    if let draftKeys = architecture.draftKeys {
      for member in try draftKeys(metadata, headRows ?? vocabularySize).members { config[member.key] = member.value }
    }

    func token(_ name: String) throws(GriffinError) -> Int? { try metadata.token(name, vocabularySize: vocabularySize) }
    let begin = try token("bos")
    var ends: [Int] = []
    for name in ["eos", "eot", "eom"] {
      if let end = try token(name), !ends.contains(end) { ends.append(end) }
    }
    config["bos_token_id"] = begin.map { .integer($0) } ?? .null
    config["eos_token_id"] = ends.first.map { .integer($0) } ?? .null
    self.config = config
    guard ends.count > 1 else {
      generation = nil
      return
    }
    var generation: JSONObject = ["eos_token_id": .array(ends.map { .integer($0) })]
    if let begin { generation["bos_token_id"] = .integer(begin) }
    self.generation = generation
  }

  /// `rope.scaling.*`, and the older `rope.scale_linear`, as `rope_scaling`.
  private static func scaling(_ architecture: GGUFArchitecture, _ metadata: GGUFMetadata) throws(GriffinError) -> JSONValue {
    func number(_ name: String) throws(GriffinError) -> Double? { try metadata.number(architecture.key(name)) }
    let type = try metadata.string(architecture.key("rope.scaling.type"))
    let (factor, older) = (try number("rope.scaling.factor"), try number("rope.scale_linear"))
    guard let type else {
      guard let factor = factor ?? older, factor != 1 else { return .null }
      return ["rope_type": "linear", "factor": .number(factor)]
    }
    guard type != "none" else { return .null }
    var scaling: JSONObject = ["rope_type": .string(type)]
    if let factor { scaling["factor"] = .number(factor) }
    if let positions = try metadata.integer(architecture.key("rope.scaling.original_context_length")) {
      scaling["original_max_position_embeddings"] = .integer(positions)
    }
    for name in ["beta_fast", "beta_slow"] {
      if let value = try number("rope.scaling.yarn_\(name)") { scaling[name] = .number(value) }
    }
    for name in ["attn_factor", "yarn_attn_factor", "yarn_ext_factor", "yarn_log_multiplier"] {
      let key = architecture.key("rope.scaling.\(name)")
      guard let value = try metadata.number(key), value != (name == "yarn_log_multiplier" ? 0 : 1) else { continue }
      throw GriffinError(.unsupported, file: metadata.file.path, "\(key) is \(value), which is not known; positions would be wrong")
    }
    return .object(scaling)
  }
}

extension GGUFMetadata {
  /// Special tokens that a model is read without: nothing is made of one that lies beyond the vocabulary.
  private static let dispensable = ["padding", "eot", "eom", "seperator", "separator", "mask", "cls", "fim_pre", "fim_suf", "fim_mid"]

  /// Whether a model is read without a token: byte-level vocabularies know no unknown token, and begin a text with one only
  /// where they say so.
  private func isDispensable(_ name: String) -> Bool {
    if GGUFMetadata.dispensable.contains(name) { return true }
    guard (try? string("tokenizer.ggml.model")) == "gpt2" else { return false }
    return name == "unknown" || name == "bos" && (try? bool("tokenizer.ggml.add_bos_token")) == false
  }

  /// A line for every such token that lies beyond the vocabulary.
  func strayTokens(vocabularySize: Int) throws(GriffinError) -> [String] {
    var lines: [String] = []
    for name in GGUFMetadata.dispensable + ["unknown", "bos"] where isDispensable(name) {
      let key = "tokenizer.ggml.\(name)_token_id"
      guard let id = try? integer(key), id != Int(UInt32.max), id != -1, id < 0 || id >= vocabularySize else { continue }
      lines.append("\(file.path): \(key) is \(id), beyond the vocabulary of \(vocabularySize) tokens; it is left aside".printable)
    }
    return lines
  }

  /// A special token's id, such as that of `bos`; nil where there is none.
  /// - Throws: `malformed` for an id that is not in the vocabulary, where the token is one that matters.
  func token(_ name: String, vocabularySize: Int) throws(GriffinError) -> Int? {
    let key = "tokenizer.ggml.\(name)_token_id"
    // Some writers say "none" with all bits set.
    guard let id = try integer(key), id != Int(UInt32.max), id != -1 else { return nil }
    guard id >= 0, id < vocabularySize else {
      if isDispensable(name) { return nil }
      throw GriffinError(
        .malformed, file: file.path, offset: self[key]?.offset, "\(key) is \(id); the vocabulary has \(vocabularySize) tokens")
    }
    return id
  }
}
