package import LinearAlgebra
package import Models

/// The EAGLE-1, EAGLE-2 or HASS draft: a projection of embedding and feature, then decoder layers whose output is both
/// what the target's head reads and the feature of the next pass.
///
/// - Source: `Model.forward` in EAGLE's `cnets1.py`.
package final class EagleDraftDecoder: DraftDecoder {
  private let compute: Compute
  private let target: TargetDecoder
  private let configuration: TransformerConfiguration
  /// nil where the draft has none and uses the target's.
  private let embedding: WeightMatrix?
  private let fusion: WeightMatrix
  private let fusionBias: [Float]?
  private let layers: [TransformerLayer]
  /// Of the layers after the first.
  private let inputNorms: [[Float]?]
  private let rotary: RotaryTable
  private let choices: DraftOutput
  package let adapter: FeatureAdapter?

  private var buffers: LayerBuffers
  private var embedded, joined, inner, predicted: Activations
  /// After a pass: the projection.
  package private(set) var projected: Activations
  /// After a pass: the attention of the last layer before the residual.
  package private(set) var attended: Activations
  /// After a pass: what the layers made of the projection.
  package private(set) var output: Activations

  package init(_ model: DraftModel, context: DraftContext) throws {
    let (tensors, configuration) = (model.tensors, model.configuration)
    self.configuration = configuration
    compute = context.compute
    target = context.target
    embedding = try tensors.optionalMatrix(.tokenEmbedding)
    fusion = try tensors.matrix(.fusion(.projection))
    fusionBias = try tensors.optionalVector(.fusion(.projectionBias))
    let indices = 0..<configuration.layerCount
    layers = try indices.map { try TransformerLayer(tensors, layer: $0, configuration: configuration) }
    inputNorms = try indices.map { try tensors.optionalVector(.layer($0, .inputNorm)) }
    rotary = RotaryTable(configuration)
    choices = try DraftOutput(model, target: context.target)
    adapter = try FeatureAdapter(tensors, compute: context.compute)
    let hidden = configuration.hiddenSize
    buffers = LayerBuffers(configuration)
    embedded = Activations(columns: hidden)
    joined = Activations(columns: 2 * hidden)
    projected = Activations(columns: hidden)
    attended = Activations(columns: hidden)
    inner = Activations(columns: hidden)
    output = Activations(columns: hidden)
    predicted = Activations(columns: hidden)
  }

  package var length: Int { layers[0].cache.count }
  package var featureWidth: Int { configuration.hiddenSize }
  package var outputWidth: Int { choices.width }

  package func token(ofOutput output: Int) -> Int { choices.token(of: output) }

  package func truncate(to length: Int) {
    for layer in layers { layer.cache.truncate(to: length) }
  }

  package func pass(
    features: borrowing Activations, tokens: [Int], positions: [Int], visible: [VisibleRows],
    regressed: inout Activations
  ) throws {
    let (hidden, epsilon) = (configuration.hiddenSize, Float(configuration.rmsNormEpsilon))
    let pass = Pass(compute: compute, rotary: rotary, positions: positions, visible: visible)
    try embed(tokens)
    compute.concatenate(embedded, features, into: &joined)
    try compute.multiply(joined, by: fusion, bias: fusionBias, into: &projected)
    compute.copyColumns(0..<hidden, of: projected, into: &output)
    for (layer, norm) in zip(layers, inputNorms) {
      if let norm {
        compute.rmsNorm(output, weight: norm, epsilon: epsilon, into: &buffers.attentionInput)
      } else {
        compute.copyColumns(0..<hidden, of: output, into: &buffers.attentionInput)
      }
      try layer.attend(pass: pass, buffers: &buffers, into: &attended)
      compute.add(attended, into: &output)
      try layer.feedForward(output, pass: pass, buffers: &buffers, into: &inner)
      compute.add(inner, into: &output)
    }
    compute.copyColumns(0..<hidden, of: output, into: &regressed)
  }

  package func logits(from row: Int, into logits: inout Activations) throws {
    compute.copyRows(Array(row..<output.tokens), of: output, into: &predicted)
    try choices.logits(of: predicted, into: &logits)
  }

  private func embed(_ tokens: [Int]) throws {
    guard let embedding else { return try target.embed(tokens, into: &embedded) }
    try compute.gather(tokens, of: embedding, into: &embedded)
  }
}
