internal import ByteStorage
internal import LinearAlgebra
internal import Models

/// EAGLE-3: three states of the target fused, a layer that reads embedding and feature side by side, a final norm and a head.
///
/// - Source: `Model.forward` in EAGLE's `cnets.py`; `Eagle3DraftDecoder` is what it must equal.
final class TrainableEagle3: TrainableDraft {
  final class Pass: DraftPass {
    /// The target's states in the first pass, which alone fuses some; no rows in others.
    let states: Activations
    let embedded, normed: Activations
    let layer: DraftLayer.Kept

    init(
      output: borrowing Activations, entered: consuming Activations, states: consuming Activations, embedded: consuming Activations,
      normed: consuming Activations, layer: DraftLayer.Kept, _ compute: Compute
    ) {
      self.states = states
      self.embedded = embedded
      self.normed = normed
      self.layer = layer
      super.init(predicted: compute.copy(output), regressed: compute.copy(output), entered: entered)
    }
  }

  let parameters: [Parameter]
  let head: DraftHead
  let followsFeatures = true
  let regresses = false
  private let embedding: WeightMatrix
  private let fusion: Linear
  private let inputNorm, hiddenNorm: Normalization
  private let layer: DraftLayer
  private let normalisesResidual: Bool

  init(_ weights: DraftWeights) throws {
    let configuration = weights.model.configuration
    guard let eagle3 = configuration.eagle3, eagle3.stateNorms == .none, !eagle3.normalisesOutput, configuration.layerCount == 1,
      weights.model.tensors[.layer(0, .queryNorm)] == nil
    else {
      throw GriffinError(
        .unsupported, "the draft has norms or layers that EAGLE-3 does not have (EAGLE-3.1); drafts of that kind are decoded and not trained")
    }
    normalisesResidual = eagle3.normalisesResidual
    fusion = try weights.linear(.fusion(.projection), bias: .fusion(.projectionBias))
    inputNorm = try weights.norm(.layer(0, .inputNorm))
    hiddenNorm = try weights.norm(.layer(0, .hiddenNorm))
    layer = try weights.layer(0)
    let (norm, own) = (try weights.norm(.finalNorm), try weights.optional(.outputHead))
    head = DraftHead(
      target: try weights.targetHead(), own: own, norm: norm,
      targetIDs: try DraftVocabulary(weights.model.tensors, configuration: weights.model.configuration).targetIDs)
    embedding = try weights.embedding()
    parameters = weights.parameters
  }

  func forward(
    features: borrowing Activations, tokens: [Int], rows: TextRows, after earlier: [Pass], _ compute: Compute
  ) throws -> Pass {
    let entered = earlier.isEmpty ? fusion.forward(features, compute) : compute.copy(features)
    var embedded = Activations(columns: embedding.columns)
    try compute.gather(tokens, of: embedding, into: &embedded)
    let left = inputNorm.forward(embedded, compute)
    let right = hiddenNorm.forward(entered, compute)
    let normed = compute.joined(left, right)
    let residual = normalisesResidual ? compute.copy(right) : compute.copy(entered)
    let kept = layer.forward(normed, residual: residual, rows: rows, after: earlier.map(\.layer.attention.newest), compute)
    let states = earlier.isEmpty ? compute.copy(features) : Activations(columns: features.columns)
    return Pass(
      output: kept.output, entered: entered, states: states, embedded: embedded, normed: normed, layer: kept, compute)
  }

  func backward(
    predicted: borrowing Activations, regressed: borrowing Activations, of pass: Pass, rows: TextRows, _ compute: Compute
  ) -> Activations? {
    var gradient = compute.copy(predicted)
    compute.add(regressed, into: &gradient)
    let ofLayer = layer.backward(gradient, input: pass.normed, pass.layer, rows: rows, compute)
    let left = compute.columns(0..<pass.embedded.columns, of: ofLayer.input)
    _ = inputNorm.backward(left, input: pass.embedded)
    var ofNormed = compute.columns(pass.embedded.columns..<ofLayer.input.columns, of: ofLayer.input)
    if normalisesResidual { compute.add(ofLayer.residual, into: &ofNormed) }
    var ofEntered = hiddenNorm.backward(ofNormed, input: pass.entered)
    if !normalisesResidual { compute.add(ofLayer.residual, into: &ofEntered) }
    if pass.states.tokens > 0 { fusion.accumulate(ofEntered, input: pass.states, compute) }
    return ofEntered
  }
}
