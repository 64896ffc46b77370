/// What storing a group as a type does to it and to its model.
package struct MeasuredLoss: Sendable, Hashable {
  /// Weighed error of its matrices, relative.
  var error: Double
  /// Mean KL of the target's distributions, or of the draft's predictions, in nats a token; nil where it was not measured.
  var divergence: Double?
  /// Of a draft's groups: tokens that a chain of its passes adds.
  var acceptance: Double?

  package init(error: Double, divergence: Double? = nil, acceptance: Double? = nil) {
    (self.error, self.divergence, self.acceptance) = (error, divergence, acceptance)
  }
}
