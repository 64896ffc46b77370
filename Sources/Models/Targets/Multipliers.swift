internal import ByteStorage

/// Numbers that a family multiplies by on the way through a model, beside its weights.
///
/// - Source: `GraniteConfig`, `GraniteDecoderLayer` and `GraniteForCausalLM` in Hugging Face transformers.
public struct Multipliers: Sendable, Hashable {
  /// Of the token embedding, where the residual stream begins (`embedding_multiplier`).
  public let embedding: Double
  /// Of the products of queries and keys, in place of `1 / sqrt(head_dim)` (`attention_multiplier`).
  public let attention: Double
  /// Of what attention and feed-forward add to the residual stream (`residual_multiplier`).
  public let residual: Double
  /// What logits are divided by (`logits_scaling`).
  public let logitsDivisor: Double

  /// What configurations call them.
  static let keys = ["embedding_multiplier", "attention_multiplier", "residual_multiplier", "logits_scaling"]
  /// Where reciprocals and products stay far from the ends of float32.
  private static let range = 1e-9...1e9

  /// Reads all four, each 1 where it is absent.
  /// - Throws: `malformed` for anything but a number in range.
  init(reading document: ConfigDocument) throws(GriffinError) {
    func number(_ key: String) throws(GriffinError) -> Double { try document.double(key, in: Multipliers.range) ?? 1 }
    embedding = try number("embedding_multiplier")
    attention = try number("attention_multiplier")
    residual = try number("residual_multiplier")
    logitsDivisor = try number("logits_scaling")
  }

  /// Those of a normalised configuration; nil where it has none.
  /// - Throws: As `init(reading:)`.
  init?(ifAnyIn document: ConfigDocument) throws(GriffinError) {
    guard Multipliers.keys.contains(where: { document.value($0) != nil }) else { return nil }
    try self.init(reading: document)
  }

  /// The keys of a manifest.
  var members: [(key: String, value: JSONValue)] {
    zip(Multipliers.keys, [embedding, attention, residual, logitsDivisor]).map { ($0, .number($1)) }
  }
}
