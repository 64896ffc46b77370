internal import ByteStorage
package import LinearAlgebra
package import Models

/// The EAGLE-3 draft: states of the target fused, a layer that reads embedding and feature side by side, further ones where there are
/// any, a final norm and a head of its own or the target's. EAGLE-3.1 has norms before the fusion and passes on what it normalised.
///
/// - Source: `Model.forward` in EAGLE's `cnets.py`; `Eagle3DraftModel.forward` of the speculators library.
package final class Eagle3DraftDecoder: DraftDecoder {
  private let compute: Compute
  private let target: TargetDecoder
  private let configuration: TransformerConfiguration
  private let normalisesResidual, normalisesOutput: Bool
  /// nil where the draft has none and uses the target's.
  private let embedding: WeightMatrix?
  private let fusion: WeightMatrix
  private let fusionBias: [Float]?
  /// Of each state of the target, or one of all side by side; none in EAGLE-3.
  private let stateNorms: [[Float]]
  private let hiddenNorm, inputNorm, finalNorm: [Float]
  /// nil where the draft has none and uses the target's.
  private let head: WeightMatrix?
  private let layers: [TransformerLayer]
  /// Of the layers after the first.
  private let inputNorms: [[Float]]
  private let rotary: RotaryTable
  private let vocabulary: DraftVocabulary
  package let taps: [Int]
  package var adapter: FeatureAdapter? { nil }

  private var buffers: LayerBuffers
  private var embedded, normed, normedFeature, inner, predicted: Activations
  /// The target's states, normalised, and one of them.
  private var states, state, normedState: Activations
  /// What the layers after the first read and add to their inputs.
  private var laterBuffers: LayerBuffers
  /// After a pass: the feature that entered, fused where it came from the target.
  package private(set) var fused: Activations
  /// After a pass: the attention before the residual.
  package private(set) var attended: Activations
  /// After a pass: what the next pass continues from, before the final norm unless the draft passes on what it normalised.
  package private(set) var output: Activations

  package init(_ model: DraftModel, context: DraftContext) throws {
    let (tensors, configuration) = (model.tensors, model.configuration)
    guard let eagle3 = configuration.eagle3 else { preconditionFailure("an EAGLE-3 draft has its configuration") }
    self.configuration = configuration
    compute = context.compute
    target = context.target
    taps = try eagle3.tappedLayers(ofTarget: context.target.configuration.layerCount)
    (normalisesResidual, normalisesOutput) = (eagle3.normalisesResidual, eagle3.normalisesOutput)
    stateNorms = switch eagle3.stateNorms {
    case .none: []
    case .each: try (0..<eagle3.tapCount).map { try tensors.vector(.fusion(.stateNorm($0))) }
    case .together: [try tensors.vector(.fusion(.statesNorm))]
    }
    embedding = try tensors.optionalMatrix(.tokenEmbedding)
    fusion = try tensors.matrix(.fusion(.projection))
    fusionBias = try tensors.optionalVector(.fusion(.projectionBias))
    hiddenNorm = try tensors.vector(.layer(0, .hiddenNorm))
    inputNorm = try tensors.vector(.layer(0, .inputNorm))
    finalNorm = try tensors.vector(.finalNorm)
    head = try tensors.optionalMatrix(.outputHead)
    layers = try (0..<configuration.layerCount).map { try TransformerLayer(tensors, layer: $0, configuration: configuration) }
    inputNorms = try (1..<max(configuration.layerCount, 1)).map { try tensors.vector(.layer($0, .inputNorm)) }
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
    states = Activations(columns: fusion.columns)
    state = Activations(columns: stateNorms.first?.count ?? 1)
    normedState = Activations(columns: stateNorms.first?.count ?? 1)
    laterBuffers = LayerBuffers(configuration)
  }

  package var length: Int { layers[0].cache.count }
  package var featureWidth: Int { configuration.hiddenSize }
  package var outputWidth: Int { head?.rows ?? configuration.vocabularySize }

  package func token(ofOutput output: Int) -> Int { vocabulary.target(output) }

  package func truncate(to length: Int) {
    for layer in layers { layer.cache.truncate(to: length) }
  }

  package func pass(
    features: borrowing Activations, tokens: [Int], positions: [Int], visible: [VisibleRows],
    regressed: inout Activations
  ) throws {
    let (hidden, epsilon) = (configuration.hiddenSize, Float(configuration.rmsNormEpsilon))
    let pass = Pass(compute: compute, rotary: rotary, positions: positions, visible: visible)
    // The width tells where a feature is from: states of the target are fused, the draft's own are not.
    if features.columns == fusion.columns {
      try fuse(features, epsilon)
    } else {
      compute.copyColumns(0..<hidden, of: features, into: &fused)
    }
    try embed(tokens)
    compute.rmsNorm(embedded, weight: inputNorm, epsilon: epsilon, into: &normed)
    compute.rmsNorm(fused, weight: hiddenNorm, epsilon: epsilon, into: &normedFeature)
    buffers.attentionInput.resize(tokens: tokens.count)
    compute.concatenate(normed, normedFeature, into: &buffers.attentionInput)
    try layers[0].attend(pass: pass, buffers: &buffers, into: &attended)

    if normalisesResidual {
      compute.copyColumns(0..<hidden, of: normedFeature, into: &output)
    } else {
      compute.copyColumns(0..<hidden, of: fused, into: &output)
    }
    compute.add(attended, into: &output)
    try layers[0].feedForward(output, pass: pass, buffers: &buffers, into: &inner)
    compute.add(inner, into: &output)
    for (layer, norm) in zip(layers.dropFirst(), inputNorms) {
      compute.rmsNorm(output, weight: norm, epsilon: epsilon, into: &laterBuffers.attentionInput)
      try layer.attend(pass: pass, buffers: &laterBuffers, into: &attended)
      compute.add(attended, into: &output)
      try layer.feedForward(output, pass: pass, buffers: &laterBuffers, into: &inner)
      compute.add(inner, into: &output)
    }
    if normalisesOutput {
      compute.rmsNorm(output, weight: finalNorm, epsilon: epsilon, into: &inner)
      swap(&output, &inner)
    }
    compute.copyColumns(0..<hidden, of: output, into: &regressed)
  }

  /// The target's states, normalised where the draft does that, projected.
  private func fuse(_ features: borrowing Activations, _ epsilon: Float) throws {
    guard let first = stateNorms.first else { return try compute.multiply(features, by: fusion, bias: fusionBias, into: &fused) }
    if first.count == features.columns {
      compute.rmsNorm(features, weight: first, epsilon: epsilon, into: &states)
    } else {
      states.resize(tokens: features.tokens)
      for (place, norm) in stateNorms.enumerated() {
        compute.copyColumns(place * norm.count..<(place + 1) * norm.count, of: features, into: &state)
        compute.rmsNorm(state, weight: norm, epsilon: epsilon, into: &normedState)
        compute.copyColumns(0..<norm.count, of: normedState, into: &states, at: place * norm.count)
      }
    }
    try compute.multiply(states, by: fusion, bias: fusionBias, into: &fused)
  }

  package func logits(from row: Int, into logits: inout Activations) throws {
    compute.copyRows(Array(row..<output.tokens), of: output, into: &predicted)
    if normalisesOutput {
      swap(&predicted, &normed)
    } else {
      compute.rmsNorm(predicted, weight: finalNorm, epsilon: Float(configuration.rmsNormEpsilon), into: &normed)
    }
    guard let head else { return try target.logits(normed, into: &logits) }
    try compute.multiply(normed, by: head, into: &logits)
  }

  private func embed(_ tokens: [Int]) throws {
    guard let embedding else { return try target.embed(tokens, into: &embedded) }
    try compute.gather(tokens, of: embedding, into: &embedded)
  }
}
