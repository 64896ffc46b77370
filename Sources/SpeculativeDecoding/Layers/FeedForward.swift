internal import LinearAlgebra
internal import Models

/// The feed-forward of a layer: dense, or a mixture of experts.
protocol FeedForward {
  /// Columns of the output: hidden_size, or twice as many for a dual head.
  var outputColumns: Int { get }

  /// The feed-forward of `buffers.normed`, `[tokens, hidden_size]`.
  /// - Parameter y: `[tokens, outputColumns]`, before the residual; its token count is set.
  func apply(pass: Pass, buffers: inout LayerBuffers, into y: inout Activations) throws
}

/// A gated feed-forward: `down(silu(gate(x)) * up(x))`.
struct DenseFeedForward: FeedForward {
  private let gate, up, down: WeightMatrix
  private let gateBias, upBias, downBias: [Float]?

  init(_ tensors: BoundTensors, layer: Int) throws {
    func matrix(_ role: LayerRole) throws -> WeightMatrix { try tensors.matrix(.layer(layer, role)) }
    func bias(_ role: LayerRole) throws -> [Float]? { try tensors.optionalVector(.layer(layer, role)) }
    (gate, up, down) = (try matrix(.gate), try matrix(.up), try matrix(.down))
    (gateBias, upBias, downBias) = (try bias(.gateBias), try bias(.upBias), try bias(.downBias))
  }

  var outputColumns: Int { down.rows }

  func apply(pass: Pass, buffers: inout LayerBuffers, into y: inout Activations) throws {
    try pass.multiply(buffers.normed, by: gate, bias: gateBias, into: &buffers.gated)
    try pass.multiply(buffers.normed, by: up, bias: upBias, into: &buffers.upped)
    pass.compute.siluMultiply(gate: &buffers.gated, up: buffers.upped)
    try pass.multiply(buffers.gated, by: down, bias: downBias, into: &y)
  }
}
