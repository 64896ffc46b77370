internal import ByteStorage
internal import Patterns

/// One text on its way to ids: through the normalizer and the pre-tokenizer to the words that are encoded.
struct TextEncoding {
  private let tokenizer: Tokenizer
  private let findsAddedTokens: Bool
  private var encoder: WordEncoder
  /// What the patterns may still cost.
  private var budget: WorkBudget

  /// - Parameter byteCount: Bytes of the whole text.
  init(_ tokenizer: Tokenizer, byteCount: Int, findsAddedTokens: Bool) {
    (self.tokenizer, self.findsAddedTokens) = (tokenizer, findsAddedTokens)
    encoder = WordEncoder(tokenizer)
    budget = WorkBudget(byteCount: byteCount)
  }

  var ids: [Int] { encoder.ids }

  /// Encodes a whole text.
  mutating func encode(_ bytes: [UInt8]) throws(GriffinError) {
    let matcher = tokenizer.rawTokens
    guard findsAddedTokens, !matcher.isEmpty else { return try encodePart(bytes, isStart: true) }
    try matcher.split(bytes.span) { (range, token) throws(GriffinError) in
      if let token {
        encoder.ids.append(token)
      } else {
        try encodePart(Array(bytes[range]), isStart: range.lowerBound == 0)
      }
    }
  }

  /// Encodes what lies between added tokens.
  /// - Parameter isStart: Whether the whole text begins here.
  private mutating func encodePart(_ part: [UInt8], isStart: Bool) throws(GriffinError) {
    let text = try NormalizerStep.apply(tokenizer.parts.normalizer, to: part, &budget)
    let matcher = tokenizer.normalizedTokens
    guard findsAddedTokens, !matcher.isEmpty else { return try split(text, isStart: isStart) }
    try matcher.split(text.span) { (range, token) throws(GriffinError) in
      if let token {
        encoder.ids.append(token)
      } else {
        try split(Array(text[range]), isStart: isStart && range.lowerBound == 0)
      }
    }
  }

  private mutating func split(_ text: [UInt8], isStart: Bool) throws(GriffinError) {
    try take(text, 0..<text.count, steps: tokenizer.parts.preTokenizer[...], isStart: isStart, isSpelled: false)
  }

  /// Takes a word through the steps of the pre-tokenizer that are left.
  /// - Parameter isSpelled: Whether characters stand for bytes.
  private mutating func take(
    _ text: [UInt8], _ word: Range<Int>, steps: ArraySlice<PreTokenizerStep>, isStart: Bool, isSpelled: Bool
  ) throws(GriffinError) {
    guard !word.isEmpty else { return }
    guard let step = steps.first else {
      guard isSpelled else { return encoder.encode(text.span, word) }
      let bytes = ByteAlphabet.decode(text[word]) ?? Array(text[word])
      return encoder.encode(bytes.span, 0..<bytes.count)
    }
    let rest = steps.dropFirst()
    switch step {
    case .words(let pattern):
      if rest.isEmpty, !isSpelled { return pattern.forEachWord(in: text.span, word) { encoder.encode(text.span, $0) } }
      try pattern.forEachWord(in: text.span, word) { (part) throws(GriffinError) in
        try take(text, part, steps: rest, isStart: isStart && part.lowerBound == word.lowerBound, isSpelled: isSpelled)
      }
    case .split(let split):
      for part in try split.parts(of: text.span, word, &budget) {
        try take(text, part, steps: rest, isStart: isStart && part.lowerBound == word.lowerBound, isSpelled: isSpelled)
      }
    case .prependSpace:
      guard text[word.lowerBound] != UInt8(ascii: " ") else {
        return try take(text, word, steps: rest, isStart: isStart, isSpelled: isSpelled)
      }
      let changed = [UInt8(ascii: " ")] + text[word]
      try take(changed, 0..<changed.count, steps: rest, isStart: isStart, isSpelled: isSpelled)
    case .spellBytes:
      let changed = ByteAlphabet.spell(text[word])
      try take(changed, 0..<changed.count, steps: rest, isStart: isStart, isSpelled: true)
    case .spaceMarks(let mark, let prefix, let splits):
      var changed = NormalizerStep.replace([UInt8(ascii: " ")], mark, in: Array(text[word]))
      if prefix == .always || prefix == .first && isStart, !changed.starts(with: mark) { changed = mark + changed }
      guard splits else { return try take(changed, 0..<changed.count, steps: rest, isStart: isStart, isSpelled: isSpelled) }
      // Every mark begins a word.
      var start = 0
      for position in 1..<max(1, changed.count) where changed[position] == mark.first && changed[position...].starts(with: mark) {
        try take(changed, start..<position, steps: rest, isStart: isStart && start == 0, isSpelled: isSpelled)
        start = position
      }
      try take(changed, start..<changed.count, steps: rest, isStart: isStart && start == 0, isSpelled: isSpelled)
    }
  }
}
