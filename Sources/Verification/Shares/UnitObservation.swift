internal import SpeculativeDecoding

/// What was seen of one unit: all that a report is made of.
struct UnitObservation: Sendable {
  /// The packed pair's generations, one a turn.
  var cases: [CaseResult] = []
  /// The other pair's on the same prompts; empty without one, or without drafts.
  var others: [CaseResult] = []
  /// Of the unit's text.
  var windows: [WindowObservation] = []
}

extension [UnitObservation] {
  /// How often the packed draft misses its target's choice.
  var misalignment: MisalignmentCounts { flatMap(\.windows).compactMap(\.misses?.counts).reduce(MisalignmentCounts(), +) }
}

/// What was seen of a window of text.
struct WindowObservation: Sendable {
  var tokenCount: Int
  /// Of the packed draft and of the other; nil without drafts.
  var misses, otherMisses: Misses?
  /// Of the two targets; nil where there is one.
  var comparison: TextComparison?

  /// Where a draft misses the target's choice.
  struct Misses: Sendable {
    /// Of the first pass, by position; nil where nothing was drafted.
    var aligned: [Bool?]
    /// Of all passes.
    var counts: MisalignmentCounts
  }
}

/// Two targets' distributions along a text.
struct TextComparison: Sendable {
  /// By position.
  var divergences, overlaps: [Double]
  var agreements: [Bool]
  /// By position, but for the last: the negative log-likelihood of the next token, by the packed target and by the other.
  var losses, otherLosses: [Double]
}
