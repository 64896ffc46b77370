internal import ByteStorage

extension Tokenizer {
  /// The token ids of a text.
  /// - Parameters:
  ///   - addsSpecialTokens: Whether the tokens that the model expects around a text are added.
  ///   - findsAddedTokens: Whether text such as `<|eot_id|>` becomes the token that it spells.
  public func encode(_ text: String, addsSpecialTokens: Bool = true, findsAddedTokens: Bool = true) -> [Int] {
    var encoder = WordEncoder(self)
    let bytes = Array(text.utf8)
    guard findsAddedTokens, !rawTokens.isEmpty else {
      encodePart(bytes, isStart: true, findsAddedTokens: findsAddedTokens, &encoder)
      return addsSpecialTokens ? addingSpecialTokens(encoder.ids) : encoder.ids
    }
    rawTokens.split(bytes.span) { range, token in
      if let token {
        encoder.ids.append(token)
      } else {
        encodePart(Array(bytes[range]), isStart: range.lowerBound == 0, findsAddedTokens: true, &encoder)
      }
    }
    return addsSpecialTokens ? addingSpecialTokens(encoder.ids) : encoder.ids
  }

  /// Encodes what lies between added tokens.
  /// - Parameter isStart: Whether the whole text begins here.
  private func encodePart(_ text: [UInt8], isStart: Bool, findsAddedTokens: Bool, _ encoder: inout WordEncoder) {
    let text = parts.normalizer.reduce(text) { $1.apply(to: $0) }
    guard findsAddedTokens, !normalizedTokens.isEmpty else { return split(text, isStart: isStart, &encoder) }
    normalizedTokens.split(text.span) { range, token in
      if let token {
        encoder.ids.append(token)
      } else {
        split(Array(text[range]), isStart: isStart && range.lowerBound == 0, &encoder)
      }
    }
  }

  /// Takes a text through the steps of the pre-tokenizer, and encodes the words.
  private func split(_ text: [UInt8], isStart: Bool, _ encoder: inout WordEncoder) {
    var text = text
    for (index, step) in parts.preTokenizer.enumerated() {
      switch step {
      case .prependSpace:
        if text.first != UInt8(ascii: " ") { text.insert(UInt8(ascii: " "), at: 0) }
      case .spaceMarks(let mark, let prefix, let splits):
        text = NormalizerStep.replace([UInt8(ascii: " ")], mark, in: text)
        if prefix == .always || prefix == .first && isStart, !text.starts(with: mark) { text = mark + text }
        if splits { return splitAtMarks(text, mark, rest: index + 1, &encoder) }
      case .words(let pattern):
        let rest = Array(parts.preTokenizer[(index + 1)...])
        pattern.forEachWord(in: text.span, 0..<text.count) { word in
          encodeWord(text, word, steps: rest, &encoder)
        }
        return
      }
    }
    encoder.encode(text.span, 0..<text.count)
  }

  /// Takes a word through the steps that follow the one that cut it out: patterns one after another.
  private func encodeWord(_ text: [UInt8], _ word: Range<Int>, steps: [PreTokenizerStep], _ encoder: inout WordEncoder) {
    guard let step = steps.first else { return encoder.encode(text.span, word) }
    switch step {
    case .words(let pattern):
      let rest = Array(steps.dropFirst())
      pattern.forEachWord(in: text.span, word) { encodeWord(text, $0, steps: rest, &encoder) }
    case .prependSpace where text[word.lowerBound] != UInt8(ascii: " "):
      let changed = [UInt8(ascii: " ")] + text[word]
      encodeWord(changed, 0..<changed.count, steps: Array(steps.dropFirst()), &encoder)
    case .prependSpace, .spaceMarks:
      encodeWord(text, word, steps: Array(steps.dropFirst()), &encoder)
    }
  }

  /// Every mark begins a word.
  private func splitAtMarks(_ text: [UInt8], _ mark: [UInt8], rest: Int, _ encoder: inout WordEncoder) {
    let steps = Array(parts.preTokenizer[rest...])
    var start = 0
    for position in 1..<max(1, text.count) where text[position] == mark.first && text[position...].starts(with: mark) {
      encodeWord(text, start..<position, steps: steps, &encoder)
      start = position
    }
    if start < text.count { encodeWord(text, start..<text.count, steps: steps, &encoder) }
  }
}
