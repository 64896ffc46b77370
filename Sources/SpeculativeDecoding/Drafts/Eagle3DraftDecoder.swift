internal import ByteStorage
package import LinearAlgebra
package import Models

/// The EAGLE-3 draft: three states of the target fused, one layer that reads embedding and feature side by side, a final
/// norm and a head of its own or the target's.
///
/// - Source: `Model.forward` in EAGLE's `cnets.py`.
package final class Eagle3DraftDecoder: DraftDecoder {
  private let compute: Compute
  private let target: TargetDecoder
  private let configuration: TransformerConfiguration
  private let normalisesResidual: Bool
  /// nil where the draft has none and uses the target's.
  private let embedding: WeightMatrix?
  private let fusion: WeightMatrix
  private let fusionBias: [Float]?
  private let hiddenNorm, inputNorm, finalNorm: [Float]
  /// nil where the draft has none and uses the target's.
  private let head: WeightMatrix?
  private let layer: TransformerLayer
  private let rotary: RotaryTable
  private let vocabulary: DraftVocabulary
  package let taps: [Int]

  private var buffers: LayerBuffers
  private var embedded, normed, normedFeature, inner, predicted: Activations
  /// After a pass: the feature that entered, fused where it came from the target.
  package private(set) var fused: Activations
  /// After a pass: the attention before the residual.
  package private(set) var attended: Activations
  /// After a pass: what the next pass continues from, before the final norm.
  package private(set) var output: Activations

  package init(_ model: DraftModel, context: DraftContext) throws {
    let (tensors, configuration) = (model.tensors, model.configuration)
    guard let eagle3 = configuration.eagle3 else { preconditionFailure("an EAGLE-3 draft has its configuration") }
    self.configuration = configuration
    compute = context.compute
    target = context.target
    taps = try eagle3.tappedLayers(ofTarget: context.target.configuration.layerCount)
    normalisesResidual = eagle3.normalisesResidual
    embedding = try tensors.optionalMatrix(.tokenEmbedding)
    fusion = try tensors.matrix(.fusion(.projection))
    fusionBias = try tensors.optionalVector(.fusion(.projectionBias))
    hiddenNorm = try tensors.vector(.layer(0, .hiddenNorm))
    inputNorm = try tensors.vector(.layer(0, .inputNorm))
    finalNorm = try tensors.vector(.finalNorm)
    head = try tensors.optionalMatrix(.outputHead)
    layer = try TransformerLayer(tensors, layer: 0, configuration: configuration)
    rotary = RotaryTable(configuration)
    vocabulary = try DraftVocabulary(tensors, configuration: configuration)
    let hidden = configuration.hiddenSize
    buffers = LayerBuffers(configuration, attentionInputs: 2 * hidden)
    embedded = Activations(columns: hidden)
    normed = Activations(columns: hidden)
    normedFeature = Activations(columns: hidden)
    fused = Activations(columns: hidden)
    attended = Activations(columns: hidden)
    inner = Activations(columns: hidden)
    output = Activations(columns: hidden)
    predicted = Activations(columns: hidden)
  }

  package var length: Int { layer.cache.count }
  package var featureWidth: Int { configuration.hiddenSize }
  package var outputWidth: Int { head?.rows ?? configuration.vocabularySize }

  package func token(ofOutput output: Int) -> Int { vocabulary.target(output) }

  package func truncate(to length: Int) { layer.cache.truncate(to: length) }

  package func pass(
    features: borrowing Activations, tokens: [Int], positions: [Int], visible: [VisibleRows],
    regressed: inout Activations
  ) throws {
    let (hidden, epsilon) = (configuration.hiddenSize, Float(configuration.rmsNormEpsilon))
    let pass = Pass(compute: compute, rotary: rotary, positions: positions, visible: visible)
    // The width tells where a feature is from: states of the target are fused, the draft's own are not.
    if features.columns == fusion.columns {
      try compute.multiply(features, by: fusion, bias: fusionBias, into: &fused)
    } else {
      compute.copyColumns(0..<hidden, of: features, into: &fused)
    }
    try embed(tokens)
    compute.rmsNorm(embedded, weight: inputNorm, epsilon: epsilon, into: &normed)
    compute.rmsNorm(fused, weight: hiddenNorm, epsilon: epsilon, into: &normedFeature)
    buffers.attentionInput.resize(tokens: tokens.count)
    compute.concatenate(normed, normedFeature, into: &buffers.attentionInput)
    try layer.attend(pass: pass, buffers: &buffers, into: &attended)

    if normalisesResidual {
      compute.copyColumns(0..<hidden, of: normedFeature, into: &output)
    } else {
      compute.copyColumns(0..<hidden, of: fused, into: &output)
    }
    compute.add(attended, into: &output)
    try layer.feedForward(output, pass: pass, buffers: &buffers, into: &inner)
    compute.add(inner, into: &output)
    compute.copyColumns(0..<hidden, of: output, into: &regressed)
  }

  package func logits(from row: Int, into logits: inout Activations) throws {
    compute.copyRows(Array(row..<output.tokens), of: output, into: &predicted)
    compute.rmsNorm(predicted, weight: finalNorm, epsilon: Float(configuration.rmsNormEpsilon), into: &normed)
    guard let head else { return try target.logits(normed, into: &logits) }
    try compute.multiply(normed, by: head, into: &logits)
  }

  private func embed(_ tokens: [Int]) throws {
    guard let embedding else { return try target.embed(tokens, into: &embedded) }
    try compute.gather(tokens, of: embedding, into: &embedded)
  }
}
