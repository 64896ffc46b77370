internal import LinearAlgebra
internal import Models

/// EAGLE-1, EAGLE-2 and HASS: one projection of embedding and feature, then decoder layers of which the first has no input norm.
///
/// - Source: `Model.forward` in EAGLE's `cnets1.py`; `EagleDraftDecoder` is what it must equal.
final class TrainableEagle: TrainableDraft {
  final class Layer {
    let input, normed: Activations
    let kept: DraftLayer.Kept
    init(input: consuming Activations, normed: consuming Activations, kept: DraftLayer.Kept) {
      self.input = input
      self.normed = normed
      self.kept = kept
    }
  }

  final class Pass: DraftPass {
    let joined: Activations
    let layers: [Layer]

    init(output: borrowing Activations, entered: consuming Activations, joined: consuming Activations, layers: [Layer], _ compute: Compute) {
      self.joined = joined
      self.layers = layers
      super.init(predicted: compute.copy(output), regressed: compute.copy(output), entered: entered)
    }
  }

  let parameters: [Parameter]
  let head: DraftHead
  let followsFeatures = false
  let regresses = true
  private let embedding: WeightMatrix
  private let fusion: Linear
  private let layers: [(norm: Normalization?, layer: DraftLayer)]

  init(_ weights: DraftWeights) throws {
    fusion = try weights.linear(.fusion(.projection), bias: .fusion(.projectionBias))
    layers = try (0..<weights.model.configuration.layerCount).map {
      (try weights.optionalNorm(.layer($0, .inputNorm)), try weights.layer($0))
    }
    embedding = try weights.embedding()
    head = DraftHead(target: try weights.targetHead())
    parameters = weights.parameters
  }

  func forward(
    features: borrowing Activations, tokens: [Int], rows: TextRows, after earlier: [Pass], _ compute: Compute
  ) throws -> Pass {
    var embedded = Activations(columns: embedding.columns)
    try compute.gather(tokens, of: embedding, into: &embedded)
    let joined = compute.joined(embedded, features)
    var output = fusion.forward(joined, compute)
    var kept: [Layer] = []
    for (index, (norm, layer)) in layers.enumerated() {
      let passes = earlier.map { $0.layers[index].kept.attention.newest }
      let normed = norm.normed(output, compute)
      let ofLayer = layer.forward(normed, residual: output, rows: rows, after: passes, compute)
      let next = compute.copy(ofLayer.output)
      kept.append(Layer(input: output, normed: normed, kept: ofLayer))
      output = next
    }
    return Pass(output: output, entered: compute.copy(features), joined: joined, layers: kept, compute)
  }

  func backward(
    predicted: borrowing Activations, regressed: borrowing Activations, of pass: Pass, rows: TextRows, _ compute: Compute
  ) -> Activations? {
    var gradient = compute.copy(predicted)
    compute.add(regressed, into: &gradient)
    for ((norm, layer), kept) in zip(layers, pass.layers).reversed() {
      let ofLayer = layer.backward(gradient, input: kept.normed, kept.kept, rows: rows, compute)
      gradient = compute.copy(ofLayer.residual)
      if let norm {
        let ofInput = norm.backward(ofLayer.input, input: kept.input)
        compute.add(ofInput, into: &gradient)
      } else {
        compute.add(ofLayer.input, into: &gradient)
      }
    }
    fusion.accumulate(gradient, input: pass.joined, compute)
    return nil
  }
}

extension Normalization? {
  /// The same rows where there is no norm.
  fileprivate func normed(_ x: borrowing Activations, _ compute: Compute) -> Activations {
    switch self {
    case .some(let norm): norm.forward(x, compute)
    case .none: compute.copy(x)
    }
  }
}
