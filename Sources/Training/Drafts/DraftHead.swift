internal import LinearAlgebra

/// What makes logits of a draft's predictions, and of the target's features what they are held against.
package final class DraftHead {
  /// The target's output head, `[vocab_size, hidden_size]`; never trained.
  let target: Activations
  /// The draft's own, `[draft_vocab_size, hidden_size]`; nil where it uses the target's.
  let own: Parameter?
  /// The norm before it, where the draft has one.
  let norm: Normalization?
  /// The target's id of each of the draft's own; nil where both are the same.
  let targetIDs: [Int]?
  /// The draft's own id of each of the target's, -1 where it has none.
  private let ownIDs: [Int]?

  init(target: consuming Activations, own: Parameter? = nil, norm: Normalization? = nil, targetIDs: [Int]? = nil) {
    (self.own, self.norm, self.targetIDs) = (own, norm, targetIDs)
    if let targetIDs {
      var ids = [Int](repeating: -1, count: target.tokens)
      for (own, id) in targetIDs.enumerated() { ids[id] = own }
      ownIDs = ids
    } else {
      ownIDs = nil
    }
    self.target = target
  }

  /// Columns of the logits.
  var vocabularySize: Int { own?.rows ?? target.tokens }

  var parameters: [Parameter] { [norm?.weight, own].compactMap(\.self) }

  /// The draft's own id for a token, -1 where it has none.
  func ownID(of token: Int) -> Int { ownIDs?[token] ?? token }

  /// The target's logits over the draft's vocabulary.
  func targetLogits(_ features: borrowing Activations, _ compute: Compute) -> Activations {
    var whole = Activations(tokens: features.tokens, columns: target.tokens)
    compute.product(features, .plain, target, .transposed, into: &whole)
    guard let targetIDs else { return whole }
    var part = Activations(tokens: whole.tokens, columns: targetIDs.count)
    for row in 0..<whole.tokens {
      let source = whole.row(row)
      var logits = part.mutableRow(row)
      for (own, id) in targetIDs.enumerated() { logits[own] = source[id] }
    }
    return part
  }

  /// What the matrix reads: the prediction, after the norm where there is one.
  func normed(_ predicted: borrowing Activations, _ compute: Compute) -> Activations {
    guard let norm else { return compute.copy(predicted) }
    return norm.forward(predicted, compute)
  }

  func logits(_ normed: borrowing Activations, _ compute: Compute) -> Activations {
    var logits = Activations(tokens: normed.tokens, columns: vocabularySize)
    if let own {
      compute.product(normed, .plain, own.values, .transposed, into: &logits)
    } else {
      compute.product(normed, .plain, target, .transposed, into: &logits)
    }
    return logits
  }

  /// Adds up the gradients of norm and matrix, where they are the draft's own.
  /// - Parameter gradient: Of the logits.
  /// - Returns: That of the prediction.
  func backward(
    _ gradient: borrowing Activations, predicted: borrowing Activations, normed: borrowing Activations, _ compute: Compute
  ) -> Activations {
    var result = Activations(tokens: normed.tokens, columns: normed.columns)
    if let own {
      compute.product(gradient, .transposed, normed, adds: true, into: &own.gradient)
      compute.product(gradient, .plain, own.values, into: &result)
    } else {
      compute.product(gradient, .plain, target, into: &result)
    }
    guard let norm else { return result }
    return norm.backward(result, input: predicted)
  }
}
