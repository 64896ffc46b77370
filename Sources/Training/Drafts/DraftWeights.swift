internal import ByteStorage
package import LinearAlgebra
package import Models
internal import SpeculativeDecoding

/// The weights of a draft as floats, taken out of its tensors one by one by who trains them.
final class DraftWeights {
  let model: DraftModel
  private let target: TargetModel
  private let compute: Compute
  /// What was taken out so far, in that order.
  private(set) var parameters: [Parameter] = []

  init(_ model: DraftModel, target: TargetModel, compute: Compute) { (self.model, self.target, self.compute) = (model, target, compute) }

  private func decoded(_ matrix: WeightMatrix) throws -> Activations {
    var values = Activations(columns: matrix.columns)
    try compute.gather(Array(0..<matrix.rows), of: matrix, into: &values)
    return values
  }

  /// A tensor that is trained; nil where the draft has none.
  func optional(_ role: TensorRole) throws -> Parameter? {
    guard let matrix = try model.tensors.optionalMatrix(role) else { return nil }
    let parameter = Parameter(role, try decoded(matrix))
    parameters.append(parameter)
    return parameter
  }

  private func required(_ role: TensorRole) throws -> Parameter {
    guard let parameter = try optional(role) else { preconditionFailure("the declaration requires \(role)") }
    return parameter
  }

  func linear(_ role: TensorRole, bias: TensorRole? = nil) throws -> Linear {
    Linear(weight: try required(role), bias: try bias.flatMap { try optional($0) })
  }

  func optionalNorm(_ role: TensorRole) throws -> Normalization? {
    try optional(role).map { Normalization(weight: $0, epsilon: Float(model.configuration.rmsNormEpsilon)) }
  }

  func norm(_ role: TensorRole) throws -> Normalization {
    Normalization(weight: try required(role), epsilon: Float(model.configuration.rmsNormEpsilon))
  }

  func layer(_ index: Int) throws -> DraftLayer {
    func part(_ role: LayerRole, _ bias: LayerRole) throws -> Linear { try linear(.layer(index, role), bias: .layer(index, bias)) }
    let attention = RotaryAttention(
      query: try part(.query, .queryBias), key: try part(.key, .keyBias), value: try part(.value, .valueBias),
      output: try part(.output, .outputBias), configuration: model.configuration)
    return DraftLayer(
      attention: attention, postAttentionNorm: try norm(.layer(index, .postAttentionNorm)),
      feedForward: GatedFeedForward(
        gate: try part(.gate, .gateBias), up: try part(.up, .upBias), down: try part(.down, .downBias)))
  }

  /// The token embedding, the draft's own or the target's; never trained, so it is read where it is.
  func embedding() throws -> WeightMatrix {
    try model.tensors.optionalMatrix(.tokenEmbedding) ?? target.tensors.matrix(.tokenEmbedding)
  }

  /// The target's output head, divided by what the target divides its logits by.
  func targetHead() throws -> Activations {
    var head = try decoded(target.tensors.matrix(target.configuration.tiesEmbeddings ? .tokenEmbedding : .outputHead))
    if let multipliers = target.configuration.multipliers { scale(&head, by: 1 / Float(multipliers.logitsDivisor)) }
    return head
  }
}

/// The drafts that can be trained: a line a kind.
package enum TrainableDrafts {
  private static let makers: [String: @Sendable (DraftWeights) throws -> any TrainableDraft] = [
    "griffin": { try TrainableGriffin($0) },
    "eagle3": { try TrainableEagle3($0) },
    "eagle": { try TrainableEagle($0) },
    "hass": { try TrainableEagle($0) },
  ]

  /// - Throws: `unsupported` for a kind that is known and not trained.
  package static func make(_ model: DraftModel, target: TargetModel, compute: Compute) throws -> any TrainableDraft {
    guard let make = makers[model.kind.name] else {
      throw GriffinError(.unsupported, "drafts of kind \(model.kind.name) are not trained by this version")
    }
    guard model.configuration.trimmedVocabularySize == nil else {
      throw GriffinError(
        .unsupported, "the draft was trimmed to \(model.configuration.trimmedVocabularySize ?? 0) tokens; train it first and trim it then")
    }
    guard model.tensors[.fusion(.adapter)] == nil else {
      throw GriffinError(
        .unsupported, "the draft has an adapter for the target's states (adapter.weight), which is fitted and not trained",
        hints: ["fit it again with --method ridge, or train the draft that it was fitted to"])
    }
    return try make(DraftWeights(model, target: target, compute: compute))
  }
}
