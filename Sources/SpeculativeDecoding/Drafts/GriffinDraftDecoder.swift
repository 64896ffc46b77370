package import LinearAlgebra
package import Models

/// The GRIFFIN draft: Token-Guided Fusion, one decoder layer without input norm, Token-Enhanced Head.
///
/// - Source: arXiv 2502.11018, sections 3.2 and 3.3, and `Model.forward` of the released implementation.
package final class GriffinDraftDecoder: DraftDecoder {
  private let compute: Compute
  private let configuration: TransformerConfiguration
  private let embedding: WeightMatrix
  private let fusion: WeightMatrix
  private let fusionBias: [Float]
  private let postNorm: [Float]
  private let inputNorm: [Float]
  private let fusionUp, fusionDown: WeightMatrix
  private let layer: TransformerLayer
  private let rotary: RotaryTable
  private let choices: DraftOutput
  package let adapter: FeatureAdapter?

  private var buffers: LayerBuffers
  private var embedded, normed, expanded: Activations
  private var joined, predicted: Activations
  /// After a pass: what the layer's feed-forward read, the residual with the attention added.
  package private(set) var fused: Activations
  /// After a pass: the attention before the residual.
  package private(set) var inner: Activations
  /// After a pass: `[predict ; regress]`.
  package private(set) var output: Activations

  package init(_ model: DraftModel, context: DraftContext) throws {
    let (tensors, configuration) = (model.tensors, model.configuration)
    self.configuration = configuration
    compute = context.compute
    embedding = try tensors.matrix(.tokenEmbedding)
    fusion = try tensors.matrix(.fusion(.projection))
    fusionBias = try tensors.vector(.fusion(.projectionBias))
    postNorm = try tensors.vector(.fusion(.postNorm))
    inputNorm = try tensors.vector(.fusion(.inputNorm))
    fusionUp = try tensors.matrix(.fusion(.up))
    fusionDown = try tensors.matrix(.fusion(.down))
    layer = try TransformerLayer(tensors, layer: 0, configuration: configuration)
    rotary = RotaryTable(configuration)
    choices = try DraftOutput(model, target: context.target)
    adapter = try FeatureAdapter(tensors, compute: context.compute)
    let hidden = configuration.hiddenSize
    buffers = LayerBuffers(configuration)
    embedded = Activations(columns: hidden)
    fused = Activations(columns: hidden)
    normed = Activations(columns: hidden)
    expanded = Activations(columns: configuration.intermediateSize)
    inner = Activations(columns: hidden)
    joined = Activations(columns: 2 * hidden)
    output = Activations(columns: 2 * hidden)
    predicted = Activations(columns: hidden)
  }

  package var length: Int { layer.cache.count }
  package var featureWidth: Int { configuration.hiddenSize }
  package var outputWidth: Int { choices.width }

  package func token(ofOutput output: Int) -> Int { choices.token(of: output) }

  package func truncate(to length: Int) { layer.cache.truncate(to: length) }

  package func pass(
    features: borrowing Activations, tokens: [Int], positions: [Int], visible: [VisibleRows],
    regressed: inout Activations
  ) throws {
    let hidden = configuration.hiddenSize
    let pass = Pass(compute: compute, rotary: rotary, positions: positions, visible: visible)
    try fuse(features, tokens: tokens)

    compute.copyColumns(0..<hidden, of: fused, into: &buffers.attentionInput)
    try layer.attend(pass: pass, buffers: &buffers, into: &inner)
    compute.add(inner, into: &fused)

    // The residual enters both halves of the head.
    try layer.feedForward(fused, pass: pass, buffers: &buffers, into: &output)
    compute.add(fused, into: &output)
    compute.add(fused, into: &output, at: hidden)
    compute.copyColumns(hidden..<2 * hidden, of: output, into: &regressed)
  }

  package func logits(from row: Int, into logits: inout Activations) throws {
    let hidden = configuration.hiddenSize
    predicted.resize(tokens: output.tokens - row)
    for token in row..<output.tokens {
      let source = output.row(token)
      var destination = predicted.mutableRow(token - row)
      for index in 0..<hidden { destination[index] = source[index] }
    }
    try choices.logits(of: predicted, into: &logits)
  }

  /// Token-Guided Fusion: `x = fc [e ; f] + b`, then `x + down silu(up [norm(postNorm(x)) ; norm(e)])`.
  private func fuse(_ features: borrowing Activations, tokens: [Int]) throws {
    let epsilon = Float(configuration.rmsNormEpsilon)
    try compute.gather(tokens, of: embedding, into: &embedded)
    joined.resize(tokens: tokens.count)
    compute.concatenate(embedded, features, into: &joined)
    try compute.multiply(joined, by: fusion, bias: fusionBias, into: &fused)

    // One norm serves both halves, so the fused half is normalised twice.
    compute.rmsNorm(fused, weight: postNorm, epsilon: epsilon, into: &inner)
    compute.rmsNorm(inner, weight: inputNorm, epsilon: epsilon, into: &normed)
    compute.rmsNorm(embedded, weight: inputNorm, epsilon: epsilon, into: &inner)
    compute.concatenate(normed, inner, into: &joined)
    try compute.multiply(joined, by: fusionUp, into: &expanded)
    compute.silu(&expanded)
    try compute.multiply(expanded, by: fusionDown, into: &inner)
    compute.add(inner, into: &fused)
  }
}
