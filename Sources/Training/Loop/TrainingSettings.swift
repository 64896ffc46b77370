public import ByteStorage

/// How a draft is trained.
public struct TrainingSettings: Sendable, Hashable {
  /// Tokens to learn from, at most.
  public var tokens = 65_536
  public var objective: TrainingObjective
  /// The largest learning rate.
  public var learningRate: Float
  /// Times that every text is learned from.
  public var epochs = 2
  /// Where draws begin.
  public var seed: UInt64 = 0
  /// Rows of a step, at least one text.
  public var batchRows = 1024
  /// New tokens of an answer, in training and when acceptance is measured.
  public var answerTokens = 128
  /// Prompts that choose the best state, at most; as many judge it.
  public var heldOut = TrainingSettings.heldOutLimit
  public static let heldOutLimit = 24
  /// Measurements of acceptance on the way.
  public var evaluations = 8
  /// Measurements without a gain after which training ends.
  public var patience = 3
  public var clipping = Clipping.norm(0.5)
  /// Uniform noise on the target's features, per 512 rows of a text.
  public var noise: Float = 0.2
  /// Whether Token-Guided Fusion is trained; without it a new draft has EAGLE's entrance.
  public var usesFusion = true

  /// What suits a draft.
  /// - Parameters:
  ///   - kind: Of the draft.
  ///   - width: Its hidden_size. Rates that suit wide models are too small for narrow ones, by about the ratio of widths.
  ///   - isNew: Whether it begins from nothing.
  public init(kind: String, width: Int, isNew: Bool) {
    objective = TrainingObjective(kind: kind)
    objective.passes = isNew ? 3 : 2
    learningRate = (isNew ? 1e-4 : 2e-5) * 4096 / Float(max(width, 1))
    if isNew { (epochs, clipping) = (4, .value(0.5)) }
  }

  /// - Throws: `usage` for values out of range.
  public func validate() throws(GriffinError) {
    let whole = [
      ("tokens", tokens, 256...1_000_000_000), ("passes", objective.passes, 1...7), ("top-k", objective.alignedCount, 1...1024),
      ("epochs", epochs, 1...1000), ("answer tokens", answerTokens, 8...4096), ("rows of a step", batchRows, 8...65_536),
      ("held-out prompts", heldOut, 2...1000), ("evaluations", evaluations, 1...1000), ("patience", patience, 1...1000),
    ]
    for (name, value, range) in whole where !range.contains(value) {
      throw GriffinError(.usage, "\(name) is \(value); expected \(range.lowerBound) to \(range.upperBound)")
    }
    guard learningRate > 0, learningRate <= 1 else { throw GriffinError(.usage, "the learning rate is \(learningRate); expected more than 0 and at most 1") }
    guard noise >= 0, noise <= 10 else { throw GriffinError(.usage, "the noise is \(noise); expected 0 to 10") }
  }

  /// Everything that decides the result, as it is noted and compared.
  public var document: JSONValue {
    let clip: JSONValue =
      switch clipping {
      case .norm(let limit): ["norm": .number(Double(limit))]
      case .value(let limit): ["value": .number(Double(limit))]
      }
    return [
      "tokens": .integer(tokens), "passes": .integer(objective.passes), "top_k": .integer(objective.alignedCount),
      "mask": .bool(objective.masksMisaligned), "learning_rate": .number(Double(learningRate)), "epochs": .integer(epochs),
      "seed": .string(String(seed)), "batch_rows": .integer(batchRows), "answer_tokens": .integer(answerTokens),
      "held_out": .integer(heldOut), "evaluations": .integer(evaluations), "patience": .integer(patience), "clip": clip, "noise": .number(Double(noise)),
      "fusion": .bool(usesFusion),
    ]
  }
}
