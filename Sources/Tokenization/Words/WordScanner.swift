internal import Patterns

/// Finds where the word that begins at a place ends: the alternatives of the pattern, in their order.
struct WordScanner {
  let pattern: WordPattern
  /// The text ends here.
  let end: Int

  private typealias Scalar = (value: UInt32, end: Int, kind: CharacterClass)

  func wordEnd(in text: Span<UInt8>, from start: Int) -> Int {
    guard let first = scalar(in: text, at: start) else { return end }
    if first.value == 0x27, let found = contraction(in: text, after: first.end) { return found }
    if let found = word(in: text, from: start, first) { return found }
    if let found = number(in: text, first) { return found }
    if let found = signs(in: text, first) { return found }
    return space(in: text, from: start) ?? first.end
  }

  private func scalar(in text: Span<UInt8>, at position: Int) -> Scalar? {
    guard position < end else { return nil }
    let (value, count) = text.scalar(at: position)
    return (value, position + count, CharacterClass.of(value))
  }

  /// Where the run of scalars of these kinds from `position` ends.
  private func run(_ kinds: CharacterClass, in text: Span<UInt8>, from position: Int) -> Int {
    var position = position
    while let next = scalar(in: text, at: position), !next.kind.isDisjoint(with: kinds) { position = next.end }
    return position
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d` after its apostrophe.
  private func contraction(in text: Span<UInt8>, after position: Int) -> Int? {
    guard pattern.contractions != .none, let first = scalar(in: text, at: position) else { return nil }
    func letter(_ scalar: Scalar?) -> UInt32 {
      guard let scalar else { return 0 }
      guard pattern.contractions == .anyCase else { return scalar.value }
      // The long s is an s in another case.
      if scalar.value == 0x17F { return 0x73 }
      return (0x41...0x5A).contains(scalar.value) ? scalar.value + 0x20 : scalar.value
    }
    switch letter(first) {
    case 0x73, 0x74, 0x6D, 0x64: return first.end  // s t m d
    case 0x72, 0x76:  // re ve
      let second = scalar(in: text, at: first.end)
      return letter(second) == 0x65 ? second?.end : nil
    case 0x6C:  // ll
      let second = scalar(in: text, at: first.end)
      return letter(second) == 0x6C ? second?.end : nil
    default: return nil
    }
  }

  private func word(in text: Span<UInt8>, from start: Int, _ first: Scalar) -> Int? {
    switch pattern.words {
    case .afterSpace:
      let from = first.value == 0x20 ? first.end : start
      let found = run(.letter, in: text, from: from)
      return found > from ? found : nil
    case .afterAny, .withMarks:
      let letters: CharacterClass = pattern.words == .withMarks ? [.letter, .mark] : .letter
      if first.kind.isDisjoint(with: [.letter, .number, .lineEnd]) {
        let found = run(letters, in: text, from: first.end)
        if found > first.end { return found }
      }
      return first.kind.isDisjoint(with: letters) ? nil : run(letters, in: text, from: first.end)
    case .byCase:
      let takesFirst = first.kind.isDisjoint(with: [.letter, .number, .lineEnd])
      return (takesFirst ? small(in: text, from: first.end) : nil) ?? small(in: text, from: start)
        ?? (takesFirst ? capital(in: text, from: first.end) : nil) ?? capital(in: text, from: start)
    }
  }

  /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`
  private func small(in text: Span<UInt8>, from start: Int) -> Int? {
    var position = start
    var lastOfBoth: Int?
    while let next = scalar(in: text, at: position), isUpperOrCaseless(next.kind) {
      position = next.end
      if !next.kind.contains(.upper) { lastOfBoth = position }
    }
    let found = lowerRun(in: text, from: position)
    return found > position ? found : lastOfBoth
  }

  /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`
  private func capital(in text: Span<UInt8>, from start: Int) -> Int? {
    var position = start
    while let next = scalar(in: text, at: position), isUpperOrCaseless(next.kind) { position = next.end }
    return position > start ? lowerRun(in: text, from: position) : nil
  }

  private func isUpperOrCaseless(_ kind: CharacterClass) -> Bool {
    !kind.isDisjoint(with: [.letter, .mark]) && !kind.contains(.lower)
  }

  private func lowerRun(in text: Span<UInt8>, from start: Int) -> Int {
    var position = start
    while let next = scalar(in: text, at: position), !next.kind.isDisjoint(with: [.letter, .mark]), !next.kind.contains(.upper) {
      position = next.end
    }
    return position
  }

  private func number(in text: Span<UInt8>, _ first: Scalar) -> Int? {
    if pattern.digits == 0 {
      if first.kind.contains(.number) { return run(.number, in: text, from: first.end) }
      guard first.value == 0x20 else { return nil }
      let found = run(.number, in: text, from: first.end)
      return found > first.end ? found : nil
    }
    guard first.kind.contains(.number) else { return nil }
    var position = first.end
    for _ in 1..<max(1, pattern.digits) {
      guard let next = scalar(in: text, at: position), next.kind.contains(.number) else { break }
      position = next.end
    }
    return position
  }

  /// ` ?[^\s\p{L}\p{N}]+[\r\n]*`
  private func signs(in text: Span<UInt8>, _ first: Scalar) -> Int? {
    let others: CharacterClass =
      pattern.words == .withMarks ? [.space, .letter, .number, .mark] : [.space, .letter, .number]
    func isSign(_ scalar: Scalar?) -> Bool { scalar?.kind.isDisjoint(with: others) ?? false }
    guard isSign(first) || first.value == 0x20 && isSign(scalar(in: text, at: first.end)) else { return nil }
    var position = first.end
    while let next = scalar(in: text, at: position), isSign(next) { position = next.end }
    guard pattern.signsTakeLineEnds else { return position }
    while let next = scalar(in: text, at: position),
      next.kind.contains(.lineEnd) || pattern.signsTakeSlashes && next.value == 0x2F
    { position = next.end }
    return position
  }

  /// `\s*[\r\n]+|\s+(?!\S)|\s+`
  private func space(in text: Span<UInt8>, from start: Int) -> Int? {
    var position = start
    var (last, afterLineEnd): (Int, Int?) = (start, nil)
    while let next = scalar(in: text, at: position), next.kind.contains(.space) {
      last = position
      position = next.end
      if next.kind.contains(.lineEnd) { afterLineEnd = position }
    }
    guard position > start else { return nil }
    if pattern.splitsAfterLineEnds, let afterLineEnd { return afterLineEnd }
    // White space before something else leaves its last character to it.
    return position == end || last == start ? position : last
  }
}
