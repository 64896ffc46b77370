package import ByteStorage
public import Patterns

/// How a text is cut into the words that are encoded one by one, step by step.
public enum PreTokenizerStep: Sendable, Hashable {
  public enum PrefixScheme: Sendable, Hashable { case always, first, never }

  /// Spaces become the mark (`▁`), which is also put before a text; `splits` starts a word at every mark.
  case spaceMarks(mark: [UInt8], prefix: PrefixScheme, splits: Bool)
  /// One of the published patterns.
  case words(WordPattern)
  /// Any other way to cut.
  case split(TextSplit)
  /// Puts a space before a text that does not begin with one.
  case prependSpace
  /// Bytes become the characters that stand for them, for the steps that follow.
  case spellBytes
}

/// Cuts a text where a pattern is found.
public struct TextSplit: Sendable, Hashable {
  /// What becomes of the matches.
  public enum Behavior: String, Sendable, Hashable {
    case isolated = "Isolated"
    case removed = "Removed"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"
  }

  public var pattern: TextPattern
  public var behavior: Behavior
  /// Whether matches and what lies between change places.
  public var isInverted: Bool

  public init(_ pattern: TextPattern, _ behavior: Behavior, isInverted: Bool = false) {
    (self.pattern, self.behavior, self.isInverted) = (pattern, behavior, isInverted)
  }

  /// The parts of a text, in order; none is empty.
  /// - Throws: `unsafe` where the budget is spent.
  /// - Source: `NormalizedString::split` of Hugging Face's tokenizers.
  func parts(
    of text: Span<UInt8>, _ range: Range<Int>, _ budget: inout WorkBudget
  ) throws(GriffinError) -> [Range<Int>] {
    var pieces: [(range: Range<Int>, isMatch: Bool)] = []
    var done = range.lowerBound
    let (matched, between) = (!isInverted, isInverted)
    try pattern.forEachMatch(in: text, range, &budget) { (match) throws(GriffinError) in
      if done < match.lowerBound { pieces.append((done..<match.lowerBound, between)) }
      pieces.append((match, matched))
      done = match.upperBound
    }
    if done < range.upperBound { pieces.append((done..<range.upperBound, between)) }
    return merged(pieces).filter { !$0.isEmpty }
  }

  private func merged(_ pieces: [(range: Range<Int>, isMatch: Bool)]) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var wasMatch = false
    switch behavior {
    case .isolated: return pieces.map(\.range)
    case .removed: return pieces.filter { !$0.isMatch }.map(\.range)
    case .contiguous:
      for (index, piece) in pieces.enumerated() {
        if index > 0, piece.isMatch == wasMatch, let last = parts.popLast() {
          parts.append(last.lowerBound..<piece.range.upperBound)
        } else {
          parts.append(piece.range)
        }
        wasMatch = piece.isMatch
      }
    case .mergedWithPrevious:
      for piece in pieces {
        if piece.isMatch, !wasMatch, let last = parts.popLast() {
          parts.append(last.lowerBound..<piece.range.upperBound)
        } else {
          parts.append(piece.range)
        }
        wasMatch = piece.isMatch
      }
    case .mergedWithNext:
      for piece in pieces.reversed() {
        if piece.isMatch, !wasMatch, let last = parts.popLast() {
          parts.append(piece.range.lowerBound..<last.upperBound)
        } else {
          parts.append(piece.range)
        }
        wasMatch = piece.isMatch
      }
      parts.reverse()
    }
    return parts
  }
}

extension PreTokenizerStep {
  /// Cuts out every match of a regular expression, as a `Split` with the behavior `Isolated` does.
  /// - Throws: What `TextPattern` throws of the expression.
  package static func isolating(_ expression: String) throws(GriffinError) -> PreTokenizerStep {
    if let known = WordPattern(expression: expression) { return .words(known) }
    return .split(TextSplit(try TextPattern(expression), .isolated))
  }

  /// The same as `isolating` of a pattern, for the steps with a name of their own that cut out what one matches.
  package func asIsolating() throws(GriffinError) -> PreTokenizerStep {
    guard case .split(let split) = self, !split.isInverted else { return self }
    return switch (split.pattern, split.behavior) {
    case (.number, .isolated): try .isolating(#"\p{N}"#)
    case (.number, .contiguous): try .isolating(#"\p{N}+"#)
    case (.punctuation, .contiguous): try .isolating(#"[\p{P}\$\+<=>\^~\|`]+"#)
    default: self
    }
  }
}
