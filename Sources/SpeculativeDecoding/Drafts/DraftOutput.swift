internal import LinearAlgebra
internal import Models

/// What features become that the target's head is to read: logits, and the token that each of them is of.
struct DraftOutput {
  private let target: TargetDecoder
  /// nil unless the draft was trimmed to some of the target's tokens.
  private let head: WeightMatrix?
  private let vocabulary: DraftVocabulary

  init(_ model: DraftModel, target: TargetDecoder) throws {
    self.target = target
    head = try model.tensors.optionalMatrix(.outputHead)
    vocabulary = try DraftVocabulary(model.tensors, configuration: model.configuration)
  }

  /// Logits of a row.
  var width: Int { head?.rows ?? target.configuration.vocabularySize }

  func token(of output: Int) -> Int { vocabulary.target(output) }

  func logits(of features: borrowing Activations, into logits: inout Activations) throws {
    try target.logits(features, by: head, into: &logits)
  }
}
