public import ByteStorage
internal import LinearAlgebra
public import Models
internal import SpeculativeDecoding
public import Statistics

extension Alignment {
  /// What a draft accepts less since its target was converted.
  public struct Loss: Sendable {
    /// Acceptance lengths on all prompts that are held out, with the target that the draft was made for and with the one at hand.
    public let original, present: Double
    /// Of the first less the second, paired by place of the text.
    public let interval: Interval
    /// Tokens that were decoded with the target at hand.
    public let measuredTokens: Int
    /// With the target at hand, on the prompts that say which state is best and on those that judge it.
    let validation, test: Acceptance

    /// Whether the interval lies above zero: else nothing was lost that can be told from none.
    public var isLoss: Bool { interval.low > 0 }
  }

  /// Holds the draft on the target at hand against the same draft on the one that it was made for; nil where that is not at hand.
  /// - Throws: `inconsistent` where the targets do not fit.
  func loss() throws -> Loss? {
    guard let original else { return nil }
    try Alignment.check(original, asTheOriginalOf: target)
    let prompts = data.validation + data.test
    var done = 0
    func measure(_ target: TargetModel) throws -> Acceptance {
      try Acceptance.measure(draft, of: target, on: prompts, settings: settings(draft), compute: compute, cancellation: cancellation) {
        done += 1
        progress(.comparing, done, 2 * prompts.count)
      }
    }
    progress(.comparing, 0, 2 * prompts.count)
    let (before, present) = (try measure(original), try measure(target))
    let (validation, test) = present.divided(at: data.validation.count)
    return Loss(
      original: before.length, present: present.length, interval: Acceptance.difference(before, present), measuredTokens: present.tokenCount,
      validation: validation, test: test)
  }

  /// Whether a target can have been converted from another.
  /// - Throws: `inconsistent` where the two have other sizes, without a file.
  public static func check(_ original: TargetModel, asTheOriginalOf target: TargetModel) throws(GriffinError) {
    let (mine, theirs) = (target.configuration, original.configuration)
    for (name, found, expected) in [
      ("hidden_size", theirs.hiddenSize, mine.hiddenSize), ("num_hidden_layers", theirs.layerCount, mine.layerCount),
      ("vocab_size", theirs.vocabularySize, mine.vocabularySize),
    ] where found != expected {
      throw GriffinError(
        .inconsistent, "\(name) is \(found); expected \(expected), as the bundle's target has",
        hints: ["name the checkpoint, or the bundle of it, that the bundle's target was converted from"])
    }
  }
}

extension Alignment.Outcome {
  /// A draft that is left as it is, since it lost nothing.
  init(_ draft: DraftModel, _ loss: Alignment.Loss) {
    self.init(
      draft: draft, before: loss.present, after: loss.present, interval: Interval(exactly: 0), measuredTokens: loss.measuredTokens, curve: [], losses: [],
      bestStep: 0, steps: 0, trainedTokens: 0, loss: loss)
  }
}
