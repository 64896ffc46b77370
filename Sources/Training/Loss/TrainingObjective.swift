/// What a pass is held against, and how much each part counts.
public struct TrainingObjective: Sendable, Hashable {
  /// SmoothL1 of the regressed features; counts nothing for drafts that regress none.
  public var regression: Float = 1
  /// Cross-entropy over the vocabulary.
  public var entropy: Float = 0.1
  /// Its part over the target's best tokens.
  public var topEntropy: Float = 0.5
  public var topCount = 10
  /// What a pass counts of the one before it.
  public var decay: Float = 1
  /// Draft passes in a row.
  public var passes = 2
  /// Whether a row counts only where its own token is among the best that the pass before predicted, and so on back: what decoding
  /// would not have in its tree, it need not draft after.
  public var masksMisaligned = true
  /// How many best tokens a prediction may have for that.
  public var alignedCount = 3

  public init() {}

  /// What a kind of draft is released with.
  public init(kind: String) {
    guard kind == "eagle3" else { return }
    (entropy, topEntropy, decay) = (1, 0, 0.8)
  }
}
