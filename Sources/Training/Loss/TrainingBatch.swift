package import LinearAlgebra

/// The rows of some texts as a draft learns them: row `s` pairs the target's feature of token `s` with token `s + 1`, and what it is to
/// predict is the target after token `s + 1`.
package final class TrainingBatch {
  let rows: TextRows
  /// The token after each feature.
  let tokens: [Int]
  /// The text's token after that one.
  let labels: [Int]
  /// The target's best token there.
  let best: [Int]
  /// Whether a row is of an answer.
  let isCounted: [Bool]
  /// What the first pass reads: the target's last state, or the states that an EAGLE-3 draft taps.
  let features: Activations
  /// The target's last state of the token after each feature, `[rows, hidden_size]`.
  let targets: Activations

  package init(
    rows: TextRows, tokens: [Int], labels: [Int], best: [Int], isCounted: [Bool], features: consuming Activations,
    targets: consuming Activations
  ) {
    (self.rows, self.tokens, self.labels, self.best, self.isCounted) = (rows, tokens, labels, best, isCounted)
    self.features = features
    self.targets = targets
  }
}
