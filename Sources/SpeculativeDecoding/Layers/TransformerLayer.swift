internal import LinearAlgebra
internal import Models

/// One decoder layer's weights and cache, and its pass.
///
/// Targets and drafts share it; what differs (an input norm or none, norms of heads, experts, a dual head) is in the
/// weights.
final class TransformerLayer {
  private let query, key, value, output: WeightMatrix
  private let queryBias, keyBias, valueBias, outputBias: [Float]?
  private let queryNorm, keyNorm: [Float]?
  private let postAttentionNorm: [Float]
  private let feedForward: any FeedForward
  private let configuration: TransformerConfiguration
  private let scale: Float
  private let hasWindow: Bool
  /// Whether queries and keys are rotated.
  private let rotates: Bool

  let cache: KeyValueCache

  init(_ tensors: BoundTensors, layer: Int, configuration: TransformerConfiguration) throws {
    func matrix(_ role: LayerRole) throws -> WeightMatrix { try tensors.matrix(.layer(layer, role)) }
    func bias(_ role: LayerRole) throws -> [Float]? { try tensors.optionalVector(.layer(layer, role)) }
    (query, key, value, output) = (try matrix(.query), try matrix(.key), try matrix(.value), try matrix(.output))
    (queryBias, keyBias) = (try bias(.queryBias), try bias(.keyBias))
    (valueBias, outputBias) = (try bias(.valueBias), try bias(.outputBias))
    (queryNorm, keyNorm) = (try bias(.queryNorm), try bias(.keyNorm))
    postAttentionNorm = try tensors.vector(.layer(layer, .postAttentionNorm))
    feedForward =
      try ExpertFeedForward(tensors, layer: layer, configuration: configuration) ?? DenseFeedForward(tensors, layer: layer)
    hasWindow = configuration.slidingWindow?.size(inLayer: layer) != nil
    rotates = !configuration.unrotatedLayers.contains(layer)
    self.configuration = configuration
    scale = configuration.multipliers.map { Float($0.attention) } ?? 1 / Float(configuration.headDimension).squareRoot()
    cache = KeyValueCache(heads: configuration.keyValueHeadCount, headDimension: configuration.headDimension)
  }

  /// Columns of the feed-forward's output: hidden_size, or twice as many for a dual head.
  var outputColumns: Int { feedForward.outputColumns }

  /// Self-attention of `buffers.attentionInput`; the tokens' keys and values join the cache.
  ///
  /// - Parameters:
  ///   - pass: Where the tokens stand and what they see.
  ///   - y: `[tokens, hidden_size]`, after the output projection, before the residual.
  func attend(pass: Pass, buffers: inout LayerBuffers, into y: inout Activations) throws {
    let compute = pass.compute
    try pass.multiply(buffers.attentionInput, by: query, bias: queryBias, into: &buffers.queries)
    try pass.multiply(buffers.attentionInput, by: key, bias: keyBias, into: &buffers.keys)
    try pass.multiply(buffers.attentionInput, by: value, bias: valueBias, into: &buffers.values)
    normalise(compute, &buffers)
    if rotates { rotate(pass, &buffers) }
    cache.append(keys: buffers.keys, values: buffers.values)
    buffers.attended.resize(tokens: buffers.attentionInput.tokens)
    compute.attention(
      buffers.queries, cache: cache, visible: pass.visible(throughWindow: hasWindow), heads: configuration.headCount,
      scale: scale, into: &buffers.attended)
    try pass.multiply(buffers.attended, by: output, bias: outputBias, into: &y)
  }

  private func rotate(_ pass: Pass, _ buffers: inout LayerBuffers) {
    let (compute, dimension) = (pass.compute, configuration.headDimension)
    compute.rope(
      &buffers.queries, heads: configuration.headCount, headDimension: dimension, positions: pass.positions, table: pass.rotary)
    compute.rope(
      &buffers.keys, heads: configuration.keyValueHeadCount, headDimension: dimension, positions: pass.positions,
      table: pass.rotary)
  }

  /// The norms of query and key heads, where the layer has them.
  private func normalise(_ compute: Compute, _ buffers: inout LayerBuffers) {
    let epsilon = Float(configuration.rmsNormEpsilon)
    if let queryNorm {
      compute.rmsNorm(buffers.queries, weight: queryNorm, epsilon: epsilon, into: &buffers.normedQueries)
      swap(&buffers.queries, &buffers.normedQueries)
    }
    if let keyNorm {
      compute.rmsNorm(buffers.keys, weight: keyNorm, epsilon: epsilon, into: &buffers.normedKeys)
      swap(&buffers.keys, &buffers.normedKeys)
    }
  }

  /// The feed-forward with its norm.
  ///
  /// - Parameters:
  ///   - x: `[tokens, hidden_size]`.
  ///   - y: `[tokens, outputColumns]`, before the residual.
  func feedForward(_ x: borrowing Activations, pass: Pass, buffers: inout LayerBuffers, into y: inout Activations) throws {
    pass.compute.rmsNorm(
      x, weight: postAttentionNorm, epsilon: Float(configuration.rmsNormEpsilon), into: &buffers.normed)
    try feedForward.apply(pass: pass, buffers: &buffers, into: &y)
  }
}
