/// What a family calls the parts of its mixtures.
struct ExpertNames: Sendable {
  /// The block of a layer, between dots.
  let block: String
  /// The projections of an expert.
  let gate, up, down: String

  static let mixtral = ExpertNames(block: "block_sparse_moe", gate: "w1", up: "w3", down: "w2")
  static let qwen = ExpertNames(block: "mlp", gate: "gate_proj", up: "up_proj", down: "down_proj")
}
