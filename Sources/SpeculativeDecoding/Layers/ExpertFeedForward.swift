internal import LinearAlgebra
internal import Models

/// A mixture of experts: a router chooses a few of the feed-forwards for each token and weighs their outputs.
///
/// Tokens are grouped by expert, so the weights of an expert are read once a pass, and only where a token chose it.
/// A token's sum runs over its own experts in ascending order, so its bits do not depend on the others. An expert that all tokens share
/// comes last.
///
/// - Source: `MixtralSparseMoeBlock` and `Qwen2MoeSparseMoeBlock` in Hugging Face transformers.
struct ExpertFeedForward: FeedForward {
  private struct Expert {
    let gate, up, down: WeightMatrix
  }

  private let router: WeightMatrix
  private let experts: [Expert]
  /// The expert that all tokens go through, and what weighs it.
  private let shared: (expert: Expert, gate: WeightMatrix)?
  private let mixture: ExpertConfiguration
  let outputColumns: Int

  /// nil where the layer has no router.
  init?(_ tensors: BoundTensors, layer: Int, configuration: TransformerConfiguration) throws {
    guard tensors[.layer(layer, .router)] != nil, let mixture = configuration.experts else { return nil }
    func matrix(_ expert: Int, _ role: ExpertRole) throws -> WeightMatrix {
      try tensors.matrix(.layer(layer, .expert(expert, role)))
    }
    router = try tensors.matrix(.layer(layer, .router))
    experts = try (0..<mixture.count).map {
      Expert(gate: try matrix($0, .gate), up: try matrix($0, .up), down: try matrix($0, .down))
    }
    func sharedMatrix(_ role: ExpertRole) throws -> WeightMatrix { try tensors.matrix(.layer(layer, .sharedExpert(role))) }
    shared = mixture.sharedIntermediateSize == nil
      ? nil
      : (
        Expert(gate: try sharedMatrix(.gate), up: try sharedMatrix(.up), down: try sharedMatrix(.down)),
        try tensors.matrix(.layer(layer, .sharedExpertGate))
      )
    self.mixture = mixture
    outputColumns = configuration.hiddenSize
  }

  func apply(pass: Pass, buffers: inout LayerBuffers, into y: inout Activations) throws {
    let compute = pass.compute
    // Never through OpenBLAS, even in a prompt: near ties between experts are not left to its rounding.
    try compute.multiply(buffers.normed, by: router, into: &buffers.routed)
    var rows = [[Int]](repeating: [], count: experts.count)
    var weights = [[Float]](repeating: [], count: experts.count)
    for token in 0..<buffers.normed.tokens {
      for (expert, weight) in compute.chosenExperts(buffers.routed.row(token), count: mixture.perToken, normalised: mixture.normalisesWeights) {
        rows[expert].append(token)
        weights[expert].append(weight)
      }
    }
    y.resize(tokens: buffers.normed.tokens)
    compute.clear(&y)
    for (index, expert) in experts.enumerated() where !rows[index].isEmpty {
      compute.copyRows(rows[index], of: buffers.normed, into: &buffers.chosen)
      try pass.multiply(buffers.chosen, by: expert.gate, bias: nil, into: &buffers.expertGated)
      try pass.multiply(buffers.chosen, by: expert.up, bias: nil, into: &buffers.expertUpped)
      compute.siluMultiply(gate: &buffers.expertGated, up: buffers.expertUpped)
      try pass.multiply(buffers.expertGated, by: expert.down, bias: nil, into: &buffers.expert)
      compute.add(buffers.expert, times: weights[index], toRows: rows[index], of: &y)
    }
    try addShared(pass: pass, buffers: &buffers, to: &y)
  }

  private func addShared(pass: Pass, buffers: inout LayerBuffers, to y: inout Activations) throws {
    guard let (expert, gate) = shared else { return }
    let (compute, tokens) = (pass.compute, buffers.normed.tokens)
    try compute.multiply(buffers.normed, by: gate, into: &buffers.shares)
    try pass.multiply(buffers.normed, by: expert.gate, bias: nil, into: &buffers.sharedGated)
    try pass.multiply(buffers.normed, by: expert.up, bias: nil, into: &buffers.sharedUpped)
    compute.siluMultiply(gate: &buffers.sharedGated, up: buffers.sharedUpped)
    try pass.multiply(buffers.sharedGated, by: expert.down, bias: nil, into: &buffers.expert)
    let weights = (0..<tokens).map { compute.sigmoid(buffers.shares.row($0)[0]) }
    compute.add(buffers.expert, times: weights, toRows: Array(0..<tokens), of: &y)
  }
}
