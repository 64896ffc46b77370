internal import ByteStorage

/// Runs the instructions of an expression on a text: backtracking, within counted steps.
struct PatternMatcher {
  private enum Frame {
    /// Goes on elsewhere.
    case branch(place: Int, position: Int)
    /// A run that may end earlier, down to `low`.
    case shorter(place: Int, low: Int, high: Int)
    /// A run that may end later, `left` scalars at most.
    case longer(place: Int, set: ScalarSet, position: Int, left: Int)
    /// Puts back where a round began.
    case round(slot: Int, position: Int)
  }

  private let pattern: TextPattern
  /// The text is this part of the bytes; nothing outside is looked at.
  private let range: Range<Int>
  private var frames: [Frame] = []
  private var rounds: [Int]

  init(_ pattern: TextPattern, _ range: Range<Int>) {
    (self.pattern, self.range) = (pattern, range)
    rounds = Array(repeating: -1, count: pattern.slotCount)
  }

  /// The first match that begins at `start` or after it.
  mutating func search(
    _ text: Span<UInt8>, from start: Int, _ budget: inout WorkBudget
  ) throws(GriffinError) -> Range<Int>? {
    var position = start
    while true {
      frames.removeAll(keepingCapacity: true)
      if let end = try match(text, at: position, place: 0, &budget) { return position..<end }
      guard position < range.upperBound else { return nil }
      position += text.scalar(at: position).byteCount
    }
  }

  /// - Returns: Where the match ends that begins here, or nil.
  private mutating func match(
    _ text: Span<UInt8>, at start: Int, place first: Int, _ budget: inout WorkBudget
  ) throws(GriffinError) -> Int? {
    let base = frames.count
    var (place, position) = (first, start)
    while true {
      try budget.spend(1, on: pattern)
      var fails = false
      switch pattern.program[place] {
      case .accept:
        frames.removeSubrange(base...)
        return position
      case .scalar(let set):
        if position < range.upperBound {
          let (value, count) = text.scalar(at: position)
          fails = !set.contains(value)
          position += count
        } else {
          fails = true
        }
        place += 1
      case .run(let set, let minimum, let maximum, let greed):
        fails = try !run(text, set, minimum, maximum, greed, next: place + 1, &position, &budget)
        place += 1
      case .either(let first, let second):
        frames.append(.branch(place: second, position: position))
        place = first
      case .jump(let target): place = target
      case .beginRound(let slot):
        frames.append(.round(slot: slot, position: rounds[slot]))
        rounds[slot] = position
        place += 1
      case .endRound(let slot, let exit): place = rounds[slot] == position ? exit : place + 1
      case .atomic(let next):
        if let end = try match(text, at: position, place: place + 1, &budget) { position = end } else { fails = true }
        place = next
      case .look(let isNegative, let next):
        fails = try (match(text, at: position, place: place + 1, &budget) != nil) == isNegative
        place = next
      case .back(let count):
        for _ in 0..<count where !fails {
          if position > range.lowerBound { position = text.scalarStart(before: position) } else { fails = true }
        }
        place += 1
      case .anchor(let anchor):
        fails = !holds(anchor, text, position)
        place += 1
      }
      if fails {
        guard try backtrack(text, to: base, &place, &position, &budget) else { return nil }
      }
    }
  }

  private mutating func run(
    _ text: Span<UInt8>, _ set: ScalarSet, _ minimum: Int, _ maximum: Int, _ greed: PatternNode.Greed, next: Int,
    _ position: inout Int, _ budget: inout WorkBudget
  ) throws(GriffinError) -> Bool {
    var (count, low) = (0, position)
    let wanted = greed == .lazy ? minimum : maximum
    while count < wanted, position < range.upperBound {
      let (value, byteCount) = text.scalar(at: position)
      guard set.contains(value) else { break }
      position += byteCount
      count += 1
      if count == minimum { low = position }
    }
    try budget.spend(count, on: pattern)
    guard count >= minimum else { return false }
    switch greed {
    case .possessive: break
    case .greedy: if position > low { frames.append(.shorter(place: next, low: low, high: position)) }
    case .lazy:
      if maximum > count { frames.append(.longer(place: next, set: set, position: position, left: maximum - count)) }
    }
    return true
  }

  /// Takes up the last thing that was left to try; false where nothing is.
  private mutating func backtrack(
    _ text: Span<UInt8>, to base: Int, _ place: inout Int, _ position: inout Int, _ budget: inout WorkBudget
  ) throws(GriffinError) -> Bool {
    while frames.count > base, let frame = frames.popLast() {
      try budget.spend(1, on: pattern)
      switch frame {
      case .branch(let target, let start):
        (place, position) = (target, start)
        return true
      case .shorter(let target, let low, let high):
        (place, position) = (target, text.scalarStart(before: high))
        if position > low { frames.append(.shorter(place: target, low: low, high: position)) }
        return true
      case .longer(let target, let set, let start, let left):
        guard start < range.upperBound else { continue }
        let (value, count) = text.scalar(at: start)
        guard set.contains(value) else { continue }
        (place, position) = (target, start + count)
        if left > 1 { frames.append(.longer(place: target, set: set, position: position, left: left - 1)) }
        return true
      case .round(let slot, let start): rounds[slot] = start
      }
    }
    return false
  }

  private func holds(_ anchor: PatternNode.Anchor, _ text: Span<UInt8>, _ position: Int) -> Bool {
    let (isStart, isEnd) = (position == range.lowerBound, position == range.upperBound)
    let lineEnd = UInt8(ascii: "\n")
    switch anchor {
    case .textStart: return isStart
    case .textEnd: return isEnd
    case .lineStart: return isStart || !isEnd && text[position - 1] == lineEnd
    case .lineEnd: return isEnd || text[position] == lineEnd
    case .lastLineEnd: return isEnd || position + 1 == range.upperBound && text[position] == lineEnd
    case .wordBoundary, .noWordBoundary:
      let before = !isStart && PatternProperty.bareWord.contains(text.scalar(at: text.scalarStart(before: position)).value)
      let after = !isEnd && PatternProperty.bareWord.contains(text.scalar(at: position).value)
      return (before != after) == (anchor == .wordBoundary)
    }
  }
}
