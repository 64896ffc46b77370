internal import Statistics

/// Two models' distributions of the next token at one position.
package struct DistributionComparison: Sendable {
  /// Kullback-Leibler divergence in nats: `sum p_other log(p_other / p)`.
  package private(set) var divergence = 0.0
  /// `sum min(p, p_other)`.
  package private(set) var overlap = 1.0
  /// Whether both choose the same token, the first of the most likely.
  package let agrees: Bool
  /// `log(sum(exp(logits)))` of each.
  let logSum, otherLogSum: Double

  /// - Parameters:
  ///   - logits: `[vocab_size]`.
  ///   - other: As many, of the model to compare with.
  package init(_ logits: Span<Float>, with other: Span<Float>) {
    let (mine, theirs) = (LogSum(logits), LogSum(other))
    agrees = mine.best == theirs.best
    (logSum, otherLogSum) = (mine.logarithm, theirs.logarithm)
    guard !DistributionComparison.areEqual(logits, other) else { return }
    var (divergence, overlap) = (0.0, 0.0)
    for token in logits.indices {
      let (own, logProbability) = (Double(logits[token]) - logSum, Double(other[token]) - otherLogSum)
      let probability = SpecialFunctions.exponential(logProbability)
      divergence += probability * (logProbability - own)
      overlap += min(probability, SpecialFunctions.exponential(own))
    }
    (self.divergence, self.overlap) = (max(0, divergence), min(1, overlap))
  }

  private static func areEqual(_ left: Span<Float>, _ right: Span<Float>) -> Bool {
    for index in left.indices where left[index] != right[index] { return false }
    return true
  }

  /// `log(sum(exp(logits)))`, and the first of the largest.
  private struct LogSum {
    let logarithm: Double
    private(set) var best = 0

    init(_ logits: Span<Float>) {
      for index in logits.indices where logits[index] > logits[best] { best = index }
      let largest = Double(logits[best])
      var sum = 0.0
      for index in logits.indices { sum += SpecialFunctions.exponential(Double(logits[index]) - largest) }
      logarithm = largest + SpecialFunctions.logarithm(sum)
    }
  }
}
