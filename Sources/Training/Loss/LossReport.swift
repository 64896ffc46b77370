internal import LinearAlgebra

/// What a batch's passes lost.
public struct LossReport: Sendable, Hashable {
  /// Means over the rows that counted.
  public struct Pass: Sendable, Hashable {
    public var rows = 0
    public var regression = 0.0
    public var entropy = 0.0
    public var topEntropy = 0.0
    /// The share of rows whose own token was the best prediction.
    public var accuracy = 0.0

    func total(_ objective: TrainingObjective, regresses: Bool) -> Double {
      (regresses ? Double(objective.regression) * regression : 0) + Double(objective.entropy) * entropy
        + Double(objective.topEntropy) * topEntropy
    }
  }

  public internal(set) var passes: [Pass]
  /// The weighted sum of all parts.
  public internal(set) var total = 0.0

  init(passes: Int) { self.passes = [Pass](repeating: Pass(), count: passes) }

  mutating func add(_ row: CrossEntropy.Row, pass: Int) {
    passes[pass].rows += 1
    passes[pass].entropy += row.loss
    passes[pass].topEntropy += row.topLoss
    if row.labelRank == 0 { passes[pass].accuracy += 1 }
  }

  mutating func add(regression: Double, pass: Int) { passes[pass].regression += regression }

  mutating func divide(pass: Int, by count: Double) {
    passes[pass].regression /= count
    passes[pass].entropy /= count
    passes[pass].topEntropy /= count
    passes[pass].accuracy /= Double(max(passes[pass].rows, 1))
  }
}
