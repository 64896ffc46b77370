package import LinearAlgebra
package import Models

/// The map from the states of the target at hand to those of the target that a draft was trained on.
package final class FeatureAdapter {
  private let weights: WeightMatrix
  private let compute: Compute
  private var adapted: Activations

  /// nil where the draft has none.
  package init?(_ tensors: BoundTensors, compute: Compute) throws {
    guard let weights = try tensors.optionalMatrix(.fusion(.adapter)) else { return nil }
    (self.weights, self.compute) = (weights, compute)
    adapted = Activations(columns: weights.rows)
  }

  /// Lends what becomes of some states, `[tokens, hidden_size]`.
  func withAdapted<Result>(_ features: borrowing Activations, _ body: (borrowing Activations) throws -> Result) throws -> Result {
    try compute.multiply(features, by: weights, into: &adapted)
    return try body(adapted)
  }
}
