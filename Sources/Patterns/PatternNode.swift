/// An expression as it is understood, before it becomes instructions.
indirect enum PatternNode: Sendable, Hashable {
  enum Greed: Sendable, Hashable { case greedy, lazy, possessive }

  case scalar(ScalarSet)
  case sequence([PatternNode])
  case alternatives([PatternNode])
  /// - maximum: nil where there is none.
  case repetition(PatternNode, minimum: Int, maximum: Int?, Greed)
  /// What is found once is not looked for in another way.
  case atomic(PatternNode)
  case lookAhead(PatternNode, isNegative: Bool)
  case lookBehind(PatternNode, isNegative: Bool)
  case anchor(Anchor)

  enum Anchor: Sendable, Hashable {
    case lineStart, lineEnd, textStart, textEnd
    /// The end, or before the line end that a text ends with.
    case lastLineEnd
    case wordBoundary, noWordBoundary
  }

  /// Scalars that this always takes; nil where that varies.
  var fixedCount: Int? {
    switch self {
    case .scalar: return 1
    case .sequence(let parts):
      var sum = 0
      for part in parts {
        guard let count = part.fixedCount else { return nil }
        sum += count
      }
      return sum
    case .alternatives(let parts):
      guard let first = parts.first?.fixedCount, parts.allSatisfy({ $0.fixedCount == first }) else { return nil }
      return first
    case .repetition(let part, let minimum, let maximum, _):
      guard minimum == maximum, let count = part.fixedCount else { return nil }
      return count * minimum
    case .atomic(let part): return part.fixedCount
    case .lookAhead, .lookBehind, .anchor: return 0
    }
  }

  /// Whether this can match without taking anything.
  var canBeEmpty: Bool {
    switch self {
    case .scalar: false
    case .sequence(let parts): parts.allSatisfy(\.canBeEmpty)
    case .alternatives(let parts): parts.contains(where: \.canBeEmpty)
    case .repetition(let part, let minimum, _, _): minimum == 0 || part.canBeEmpty
    case .atomic(let part): part.canBeEmpty
    case .lookAhead, .lookBehind, .anchor: true
    }
  }
}
