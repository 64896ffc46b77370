internal import LinearAlgebra
internal import Models

/// GRIFFIN: Token-Guided Fusion, one decoder layer without input norm, Token-Enhanced Head.
///
/// - Source: `Model.forward` of the released implementation; `GriffinDraftDecoder` is what it must equal.
final class TrainableGriffin: TrainableDraft {
  final class Pass: DraftPass {
    let fusion: TokenGuidedFusion.Kept
    let layer: DraftLayer.Kept

    init(
      predicted: consuming Activations, regressed: consuming Activations, entered: consuming Activations, fusion: TokenGuidedFusion.Kept,
      layer: DraftLayer.Kept
    ) {
      self.fusion = fusion
      self.layer = layer
      super.init(predicted: predicted, regressed: regressed, entered: entered)
    }
  }

  let parameters: [Parameter]
  let head: DraftHead
  let followsFeatures = false
  let regresses = true
  private let embedding: WeightMatrix
  private let fusion: TokenGuidedFusion
  private let layer: DraftLayer

  init(_ weights: DraftWeights) throws {
    let (up, down) = (try weights.linear(.fusion(.up)), try weights.linear(.fusion(.down)))
    fusion = TokenGuidedFusion(
      projection: try weights.linear(.fusion(.projection), bias: .fusion(.projectionBias)),
      postNorm: try weights.norm(.fusion(.postNorm)), inputNorm: try weights.norm(.fusion(.inputNorm)), up: up, down: down)
    layer = try weights.layer(0)
    embedding = try weights.embedding()
    head = DraftHead(target: try weights.targetHead())
    parameters = weights.parameters
  }

  func forward(
    features: borrowing Activations, tokens: [Int], rows: TextRows, after earlier: [Pass], _ compute: Compute
  ) throws -> Pass {
    var embedded = Activations(columns: embedding.columns)
    try compute.gather(tokens, of: embedding, into: &embedded)
    let fused = fusion.forward(embedded: embedded, features: features, compute)
    let kept = layer.forward(fused.output, residual: fused.output, rows: rows, after: earlier.map(\.layer.attention.newest), compute)
    let width = fused.output.columns
    return Pass(
      predicted: compute.columns(0..<width, of: kept.output), regressed: compute.columns(width..<2 * width, of: kept.output),
      entered: compute.copy(features), fusion: fused, layer: kept)
  }

  func backward(
    predicted: borrowing Activations, regressed: borrowing Activations, of pass: Pass, rows: TextRows, _ compute: Compute
  ) -> Activations? {
    let gradient = compute.joined(predicted, regressed)
    var ofFused = layer.backward(gradient, input: pass.fusion.output, pass.layer, rows: rows, compute)
    compute.add(ofFused.residual, into: &ofFused.input)
    fusion.backward(ofFused.input, pass.fusion, compute)
    return nil
  }
}
