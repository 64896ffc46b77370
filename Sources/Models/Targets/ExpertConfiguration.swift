internal import ByteStorage

/// The experts of a mixture: how many a layer has, how many a token goes through, and what else differs between mixtures.
public struct ExpertConfiguration: Sendable, Hashable {
  /// Experts of a layer (`num_local_experts`).
  public let count: Int
  /// Experts that a token goes through (`num_experts_per_tok`).
  public let perToken: Int
  /// Width of an expert's feed-forward (`moe_intermediate_size`); nil for that of dense layers.
  public private(set) var intermediateSize: Int?
  /// Whether the weights of a token's experts are divided by their sum (`norm_topk_prob`).
  public private(set) var normalisesWeights = true
  /// Width of the expert that every token goes through (`shared_expert_intermediate_size`); nil where there is none.
  public private(set) var sharedIntermediateSize: Int?
  /// Layers with a dense feed-forward instead (`mlp_only_layers`), ascending.
  public private(set) var denseLayers: [Int] = []

  /// More than any released model has.
  static let limit = 1...1024
  /// Experts of all layers together; with three tensors each they are about as many as a bundle can hold.
  private static let limitOfAllLayers = 65536
  private static let width = 1...1_048_576

  /// Reads the keys of a normalised configuration; nil where it has no `num_local_experts`.
  /// - Throws: `malformed` for numbers out of range, `inconsistent` for more experts a token than there are.
  init?(reading document: ConfigDocument, layerCount: Int) throws(GriffinError) {
    guard let count = try document.integer("num_local_experts", in: ExpertConfiguration.limit) else { return nil }
    let perToken = try document.requiredInteger("num_experts_per_tok", in: ExpertConfiguration.limit)
    guard perToken <= count else {
      throw GriffinError(
        .inconsistent, file: document.file, "num_experts_per_tok is \(perToken) of num_local_experts \(count)")
    }
    guard count * layerCount <= ExpertConfiguration.limitOfAllLayers else {
      throw GriffinError(
        .malformed, file: document.file,
        "num_local_experts \(count) in num_hidden_layers \(layerCount) are more than "
          + "\(ExpertConfiguration.limitOfAllLayers) experts")
    }
    (self.count, self.perToken) = (count, perToken)
    intermediateSize = try document.integer("moe_intermediate_size", in: ExpertConfiguration.width)
    normalisesWeights = try document.bool("norm_topk_prob") ?? true
    sharedIntermediateSize = try document.integer("shared_expert_intermediate_size", in: ExpertConfiguration.width)
    denseLayers = Set(try document.tokens("mlp_only_layers").filter((0..<layerCount).contains)).sorted()
  }

  /// Reads Qwen's keys, which call the experts `num_experts` and leave some layers dense.
  /// - Parameter defaults: What an absent key means.
  init?(readingQwen document: ConfigDocument, layerCount: Int, defaults: JSONObject) throws(GriffinError) {
    var filled = document.filling(defaults)
    if let count = document.value("num_experts") { filled = filled.without(["num_local_experts"]).filling(["num_local_experts": count]) }
    guard var experts = try ExpertConfiguration(reading: filled, layerCount: layerCount) else { return nil }
    experts.normalisesWeights = try filled.bool("norm_topk_prob") ?? false
    let step = try document.integer("decoder_sparse_step", in: 1...1_000_000) ?? 1
    let named = experts.denseLayers
    experts.denseLayers = (0..<layerCount).filter { named.contains($0) || ($0 + 1) % step != 0 }
    self = experts
  }

  /// The keys of a manifest, which says nothing of what is as Mixtral has it.
  var members: [(key: String, value: JSONValue)] {
    var members: [(key: String, value: JSONValue)] = [
      ("num_local_experts", .integer(count)), ("num_experts_per_tok", .integer(perToken)),
    ]
    if let intermediateSize { members.append(("moe_intermediate_size", .integer(intermediateSize))) }
    if !normalisesWeights { members.append(("norm_topk_prob", .bool(false))) }
    if let sharedIntermediateSize { members.append(("shared_expert_intermediate_size", .integer(sharedIntermediateSize))) }
    if !denseLayers.isEmpty { members.append(("mlp_only_layers", .array(denseLayers.map { .integer($0) }))) }
    return members
  }
}
