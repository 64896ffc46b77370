internal import ByteStorage
internal import Models

/// A part of a configuration that decides what is computed and not which tensors there are.
struct ConfigurationPart: Sendable {
  /// A finding's kind.
  let kind: String
  /// Keys of the normalised configuration, the telling one first.
  let keys: [String]
  /// What to call it.
  let words: String

  /// Every part that can be wrong without an error. A new one is a line here.
  static let all: [ConfigurationPart] = [
    ConfigurationPart(kind: "rope_theta", keys: ["rope_theta"], words: "rope_theta"),
    ConfigurationPart(
      kind: "rope_scaling", keys: ["rope_scaling", "rope_freq_factors", "max_position_embeddings"], words: "rope_scaling"),
    ConfigurationPart(kind: "norm_epsilon", keys: ["rms_norm_eps"], words: "rms_norm_eps"),
    ConfigurationPart(
      kind: "taps", keys: ["eagle_aux_hidden_state_layer_ids", "eagle_tap_rule"], words: "eagle_aux_hidden_state_layer_ids"),
    ConfigurationPart(kind: "residual_norm", keys: ["norm_before_residual"], words: "norm_before_residual"),
    ConfigurationPart(kind: "heads", keys: ["num_attention_heads", "num_key_value_heads", "head_dim"], words: "the number of heads"),
    ConfigurationPart(kind: "sliding_window", keys: ["sliding_window", "layer_types"], words: "sliding_window"),
    ConfigurationPart(kind: "experts", keys: ["num_experts_per_tok"], words: "num_experts_per_tok"),
    ConfigurationPart(kind: "tied_head", keys: ["tie_word_embeddings"], words: "tie_word_embeddings"),
  ]

  /// The configuration with this part of another; nil where both say the same or the other's does not fit.
  func taken(from other: TransformerConfiguration, into own: TransformerConfiguration) -> TransformerConfiguration? {
    var (document, source) = (own.document, other.document)
    // Positions that nothing scales by decide nothing.
    if kind == "rope_scaling", document["rope_scaling"] == source["rope_scaling"], document["rope_scaling"]?.object?["rope_type"] != "dynamic" {
      document["max_position_embeddings"] = nil
      source["max_position_embeddings"] = nil
    }
    guard keys.contains(where: { document[$0] != source[$0] }) else { return nil }
    for key in keys { document[key] = source[key] }
    return try? TransformerConfiguration(reading: ConfigDocument(.object(document), file: nil))
  }

  /// What a configuration says of it.
  func text(_ configuration: TransformerConfiguration, layersOfTarget layers: Int) -> String {
    if kind == "taps", let eagle3 = configuration.eagle3, let taps = try? eagle3.tappedLayers(ofTarget: layers) {
      return "the states before layers \(taps.map(String.init).joined(separator: ", "))"
    }
    let document = configuration.document
    let shown = keys.filter { $0 != "max_position_embeddings" && (document[$0] ?? .null) != .null }
    guard !shown.isEmpty else { return "none" }
    guard keys.count > 1 else { return document[keys[0]].map { $0.encoded(pretty: false) } ?? "none" }
    return shown.map { "\($0) \(document[$0]?.encoded(pretty: false).shortened(to: 120) ?? "none")" }.joined(separator: ", ")
  }
}
