internal import LinearAlgebra

/// What a model would say next: its best token, and how sure it is of it.
package struct ModelChoice: Sendable, Hashable {
  package let token: Int
  /// Natural logarithm; nil where it was not asked for.
  package let logProbability: Double?
}

/// A text as a target sees it, kept so that any number of drafts can be run over it.
package final class TextReading {
  package let tokens: [Int]
  /// Whether choices come with their log-probabilities.
  let isScored: Bool
  /// The target's choice after each position.
  package internal(set) var choices: [ModelChoice] = []
  /// What a draft reads, `[tokens, columns]`: the target's last states, or its tapped ones side by side.
  var features: Activations

  init(tokens: [Int], isScored: Bool, columns: Int) {
    (self.tokens, self.isScored) = (tokens, isScored)
    features = Activations(tokens: tokens.count, columns: columns)
  }
}
