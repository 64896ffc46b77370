internal import LinearAlgebra
internal import Models

/// One decoder layer's weights and cache, and its pass.
///
/// Targets and drafts share it; what differs (an input norm or none, a dual head) is in the weights.
final class TransformerLayer {
  private let query, key, value, output: WeightMatrix
  private let queryBias, keyBias, valueBias, outputBias: [Float]?
  private let gate, up, down: WeightMatrix
  private let gateBias, upBias, downBias: [Float]?
  private let postAttentionNorm: [Float]
  private let configuration: TransformerConfiguration
  private let scale: Float

  let cache: KeyValueCache

  init(_ tensors: BoundTensors, layer: Int, configuration: TransformerConfiguration) throws {
    func matrix(_ role: LayerRole) throws -> WeightMatrix { try tensors.matrix(.layer(layer, role)) }
    func bias(_ role: LayerRole) throws -> [Float]? { try tensors.optionalVector(.layer(layer, role)) }
    (query, key, value, output) = (try matrix(.query), try matrix(.key), try matrix(.value), try matrix(.output))
    (queryBias, keyBias) = (try bias(.queryBias), try bias(.keyBias))
    (valueBias, outputBias) = (try bias(.valueBias), try bias(.outputBias))
    (gate, up, down) = (try matrix(.gate), try matrix(.up), try matrix(.down))
    (gateBias, upBias, downBias) = (try bias(.gateBias), try bias(.upBias), try bias(.downBias))
    postAttentionNorm = try tensors.vector(.layer(layer, .postAttentionNorm))
    self.configuration = configuration
    scale = 1 / Float(configuration.headDimension).squareRoot()
    cache = KeyValueCache(heads: configuration.keyValueHeadCount, headDimension: configuration.headDimension)
  }

  /// Columns of the feed-forward's output: hidden_size, or twice as many for a dual head.
  var outputColumns: Int { down.rows }

  /// Self-attention of `buffers.normed`, `[tokens, hidden_size]`; the tokens' keys and values join the cache.
  ///
  /// - Parameters:
  ///   - pass: Where the tokens stand and what they see.
  ///   - y: `[tokens, hidden_size]`, after the output projection, before the residual.
  func attend(pass: Pass, buffers: inout LayerBuffers, into y: inout Activations) throws {
    let compute = pass.compute
    try pass.multiply(buffers.normed, by: query, bias: queryBias, into: &buffers.queries)
    try pass.multiply(buffers.normed, by: key, bias: keyBias, into: &buffers.keys)
    try pass.multiply(buffers.normed, by: value, bias: valueBias, into: &buffers.values)
    let dimension = configuration.headDimension
    compute.rope(
      &buffers.queries, heads: configuration.headCount, headDimension: dimension, positions: pass.positions, table: pass.rotary)
    compute.rope(
      &buffers.keys, heads: configuration.keyValueHeadCount, headDimension: dimension, positions: pass.positions,
      table: pass.rotary)
    cache.append(keys: buffers.keys, values: buffers.values)
    buffers.attended.resize(tokens: buffers.normed.tokens)
    compute.attention(
      buffers.queries, cache: cache, visible: pass.visible, heads: configuration.headCount, scale: scale,
      into: &buffers.attended)
    try pass.multiply(buffers.attended, by: output, bias: outputBias, into: &y)
  }

  /// The gated feed-forward with its norm: `down(silu(gate(n)) * up(n))`, `n = norm(x)`.
  ///
  /// - Parameters:
  ///   - x: `[tokens, hidden_size]`.
  ///   - y: `[tokens, outputColumns]`, before the residual.
  func feedForward(_ x: borrowing Activations, pass: Pass, buffers: inout LayerBuffers, into y: inout Activations) throws {
    let compute = pass.compute
    compute.rmsNorm(x, weight: postAttentionNorm, epsilon: Float(configuration.rmsNormEpsilon), into: &buffers.normed)
    try pass.multiply(buffers.normed, by: gate, bias: gateBias, into: &buffers.gated)
    try pass.multiply(buffers.normed, by: up, bias: upBias, into: &buffers.upped)
    compute.siluMultiply(gate: &buffers.gated, up: buffers.upped)
    try pass.multiply(buffers.gated, by: down, bias: downBias, into: &y)
  }
}

/// What one pass's tokens have in common in every layer.
struct Pass {
  let compute: Compute
  let rotary: RotaryTable
  /// The position of each token.
  let positions: [Int]
  /// The cache rows that each token sees, its own included.
  let visible: [VisibleRows]
  /// Whether this is the prefix that both sides of a comparison share.
  let isPrefill: Bool

  /// Tokens from which OpenBLAS is the faster way through a prompt (about 10 % at 128, 30 % at 512).
  private static let panelTokens = 128

  func multiply(
    _ x: borrowing Activations, by weights: WeightMatrix, bias: [Float]?, into y: inout Activations
  ) throws {
    if isPrefill, x.tokens >= Pass.panelTokens {
      try compute.multiplyPrefill(x, by: weights, bias: bias, into: &y)
    } else {
      try compute.multiply(x, by: weights, bias: bias, into: &y)
    }
  }
}

/// Scratch that the layers of a model take turns with.
struct LayerBuffers: ~Copyable {
  var normed, queries, keys, values, attended, gated, upped: Activations

  init(_ configuration: TransformerConfiguration) {
    normed = Activations(columns: configuration.hiddenSize)
    queries = Activations(columns: configuration.queryWidth)
    keys = Activations(columns: configuration.keyValueWidth)
    values = Activations(columns: configuration.keyValueWidth)
    attended = Activations(columns: configuration.queryWidth)
    gated = Activations(columns: configuration.intermediateSize)
    upped = Activations(columns: configuration.intermediateSize)
  }
}
