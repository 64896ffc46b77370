internal import ByteStorage
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding
internal import Statistics

/// Measures how far drafts follow targets over one text, so that any two pairs are compared position by position.
///
/// The target goes over the text once; a draft then predicts after every prefix, pass after pass on its own features, until its choice is
/// not the target's. Cheaper than decoding, since drafts share the target's pass, and tighter, since every position begins a cycle.
final class AcceptanceProbe {
  /// What one pair makes of the text.
  struct Measurement {
    /// Tokens a cycle of a chain of draft passes, by positions of the text.
    var length = BlockedRatio()
    /// The targets' and the drafts' choices, text by text.
    var target: [[ModelChoice]] = []
    var draft: [[ModelChoice]] = []
  }

  private let texts: [[Int]]
  private let compute: Compute
  private let cancellation: Cancellation
  /// The last target's passes, and what they are of.
  private var readings: (key: String, texts: [TextReading])?

  init(_ texts: [[Int]], compute: Compute, cancellation: Cancellation) {
    (self.texts, self.compute, self.cancellation) = (texts.filter { $0.count > 2 }, compute, cancellation)
  }

  var tokenCount: Int { texts.reduce(0) { $0 + $1.count } }

  /// - Parameter target: Tells targets apart whose passes are kept; nil for one that is used once.
  func measure(_ models: PairModels, target: String?) throws -> Measurement {
    let decoder = try PairDecoder(target: models.target, draft: models.draft, compute: compute)
    let taps = try models.draft?.configuration.eagle3?.tappedLayers(ofTarget: models.target.configuration.layerCount) ?? []
    let key = target.map { "\($0) \(taps)" }
    let passes: [TextReading]
    if let readings, readings.key == key {
      passes = readings.texts
    } else {
      passes = try texts.map { try decoder.reading(of: $0, cancellation: cancellation) }
      if let key { readings = (key, passes) }
    }
    var measurement = Measurement()
    for text in passes {
      measurement.target.append(text.choices)
      guard decoder.canSpeculate else { continue }
      let following = try decoder.following(text, cancellation: cancellation)
      measurement.length.add(following.lengths.map { length in length.map { (x: Double(1 + $0), y: 1) } ?? (0, 0) })
      measurement.draft.append(following.choices)
    }
    return measurement
  }

  /// How far one side's choices are from another's, position by position: 1 for another token, and the difference of log-probabilities,
  /// at most 1.
  static func distance(_ left: [[ModelChoice]], _ right: [[ModelChoice]]) -> BlockedRatio {
    var ratio = BlockedRatio()
    for (mine, theirs) in zip(left, right) {
      ratio.add(zip(mine, theirs).map { mine, theirs in
        let change = abs((mine.logProbability ?? 0) - (theirs.logProbability ?? 0))
        return (x: (mine.token == theirs.token ? 0 : 1) + min(1, change), y: 1)
      })
    }
    return ratio
  }
}
