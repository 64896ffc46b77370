internal import LinearAlgebra
internal import Models

/// A mixture of experts: a router chooses a few of the feed-forwards for each token and weighs their outputs.
///
/// Tokens are grouped by expert, so the weights of an expert are read once a pass, and only where a token chose it.
/// A token's sum runs over its own experts in ascending order, so its bits do not depend on the others.
///
/// - Source: `MixtralSparseMoeBlock` in Hugging Face transformers.
struct ExpertFeedForward: FeedForward {
  private struct Expert {
    let gate, up, down: WeightMatrix
  }

  private let router: WeightMatrix
  private let experts: [Expert]
  private let perToken: Int
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
    perToken = mixture.perToken
    outputColumns = configuration.hiddenSize
  }

  func apply(pass: Pass, buffers: inout LayerBuffers, into y: inout Activations) throws {
    let compute = pass.compute
    // Never through OpenBLAS, even in a prompt: near ties between experts are not left to its rounding.
    try compute.multiply(buffers.normed, by: router, into: &buffers.routed)
    var rows = [[Int]](repeating: [], count: experts.count)
    var weights = [[Float]](repeating: [], count: experts.count)
    for token in 0..<buffers.normed.tokens {
      for (expert, weight) in compute.chosenExperts(buffers.routed.row(token), count: perToken) {
        rows[expert].append(token)
        weights[expert].append(weight)
      }
    }
    y.resize(tokens: buffers.normed.tokens)
    compute.clear(&y)
    for (index, expert) in experts.enumerated() where !rows[index].isEmpty {
      compute.copyRows(rows[index], of: buffers.normed, into: &buffers.chosen)
      try pass.multiply(buffers.chosen, by: expert.gate, bias: nil, into: &buffers.gated)
      try pass.multiply(buffers.chosen, by: expert.up, bias: nil, into: &buffers.upped)
      compute.siluMultiply(gate: &buffers.gated, up: buffers.upped)
      try pass.multiply(buffers.gated, by: expert.down, bias: nil, into: &buffers.expert)
      compute.add(buffers.expert, times: weights[index], toRows: rows[index], of: &y)
    }
  }
}
