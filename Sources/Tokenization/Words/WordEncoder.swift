internal import Patterns

/// Encodes one text's words, remembering those that come again.
struct WordEncoder {
  var ids: [Int] = []

  private let tokenizer: Tokenizer
  private var chain = SymbolChain()
  private var words = ByteTable()
  /// The ids of remembered words, and where each word's are among them.
  private var rememberedIDs: [Int] = []
  private var spans: [Range<Int>] = []
  /// How unused pieces came about, to take them apart again.
  private var halves: [Int32: (Int32, Int32)] = [:]

  /// Longer words seldom come again.
  private static let rememberedBytes = 48
  private static let rememberedTotal = 16 << 20

  init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// Appends the ids of a word: a stretch of text across whose ends nothing merges.
  mutating func encode(_ text: Span<UInt8>, _ range: Range<Int>) {
    // Where every mark begins a word the rest of the text need not be merged as one.
    guard tokenizer.kind == .sentencePiece, tokenizer.vocabulary.wordsBeginAtMarks, !tokenizer.vocabulary.hasUnused,
      !tokenizer.parts.ignoresMerges
    else { return encodeWord(text, range) }
    var (start, position) = (range.lowerBound, range.lowerBound)
    var isAfterOther = false
    while position < range.upperBound {
      let isMark = text.hasMark(at: position, end: range.upperBound)
      if isMark, isAfterOther {
        encodeWord(text, start..<position)
        start = position
      }
      isAfterOther = !isMark
      position += isMark ? 3 : 1
    }
    encodeWord(text, start..<range.upperBound)
  }

  private mutating func encodeWord(_ text: Span<UInt8>, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let isRemembered = range.count <= WordEncoder.rememberedBytes
    if isRemembered, let index = words.value(of: text, range) {
      ids.append(contentsOf: rememberedIDs[spans[index]])
      return
    }
    let first = ids.count
    merge(text, range)
    if isRemembered, words.byteCount < WordEncoder.rememberedTotal {
      _ = words.insert(text, range, value: spans.count)
      let start = rememberedIDs.count
      rememberedIDs.append(contentsOf: ids[first...])
      spans.append(start..<rememberedIDs.count)
    }
  }

  private mutating func merge(_ text: Span<UInt8>, _ range: Range<Int>) {
    let vocabulary = tokenizer.vocabulary
    if tokenizer.parts.ignoresMerges, let id = vocabulary.ids.value(of: text, range) {
      ids.append(id)
      return
    }
    chain.removeAll()
    if tokenizer.parts.merges == nil {
      mergeByScore(text, range)
    } else {
      appendSymbols(text, range)
      chain.merge(by: vocabulary.merges)
      for symbol in chain.symbols where symbol.id >= 0 { ids.append(Int(symbol.id)) }
    }
  }

  /// One symbol a character, or bytes where it has no piece, or the unknown token.
  private mutating func appendSymbols(_ text: Span<UInt8>, _ range: Range<Int>) {
    let (parts, vocabulary) = (tokenizer.parts, tokenizer.vocabulary)
    var isUnknownPending = false
    func flush() {
      if isUnknownPending, let unknown = parts.unknownToken { chain.append(id: Int32(unknown), start: 0) }
      isUnknownPending = false
    }
    var position = range.lowerBound
    while position < range.upperBound {
      let count = parts.kind == .byteLevel ? 1 : text.scalar(at: position).byteCount
      let symbol = position..<position + count
      position = symbol.upperBound
      let id =
        parts.kind == .byteLevel
        ? vocabulary.byteIDs[Int(text[symbol.lowerBound])] : vocabulary.ids.value(of: text, symbol).map(Int32.init) ?? -1
      if id >= 0 {
        flush()
        chain.append(id: id, start: symbol.lowerBound)
      } else if parts.kind == .sentencePiece, parts.fallsBackToBytes,
        symbol.allSatisfy({ vocabulary.byteIDs[Int(text[$0])] >= 0 })
      {
        for index in symbol { chain.append(id: vocabulary.byteIDs[Int(text[index])], start: index) }
      } else {
        if !parts.fusesUnknown { flush() }
        isUnknownPending = parts.unknownToken != nil
      }
    }
    flush()
  }

  /// SentencePiece's way: any two symbols whose text together is a piece may merge, and what stays unknown becomes bytes.
  private mutating func mergeByScore(_ text: Span<UInt8>, _ range: Range<Int>) {
    let vocabulary = tokenizer.vocabulary
    var position = range.lowerBound
    var frozen: Set<Int> = []
    while position < range.upperBound {
      if let (id, end) = tokenizer.userDefinedPiece(text, at: position, end: range.upperBound) {
        frozen.insert(chain.symbols.count)
        chain.append(id: Int32(id), start: position)
        position = end
        continue
      }
      let symbol = position..<position + text.scalar(at: position).byteCount
      let id = vocabulary.ids.value(of: text, symbol) ?? vocabulary.characters.value(of: text, symbol)
      chain.append(id: id.map(Int32.init) ?? SymbolChain.unknown, start: position)
      position = symbol.upperBound
    }
    if vocabulary.hasUnused {
      halves.removeAll(keepingCapacity: true)
      chain.merge(by: vocabulary.merges, canMerge: { !frozen.contains($0) }) { left, right, result in
        if vocabulary.pieces.type(of: Int(result)) == .unused { halves[result] = (left, right) }
      }
    } else if frozen.isEmpty {
      chain.merge(by: vocabulary.merges)
    } else {
      chain.merge(by: vocabulary.merges, canMerge: { !frozen.contains($0) })
    }
    var wasUnknown = false
    var index = 0
    while index >= 0, index < chain.symbols.count {
      let symbol = chain.symbols[index]
      let end = symbol.next >= 0 ? Int(chain.symbols[Int(symbol.next)].start) : range.upperBound
      emit(symbol.id, text, Int(symbol.start)..<end, &wasUnknown)
      index = symbol.next >= 0 ? Int(symbol.next) : -1
    }
  }

  /// Appends a symbol's id; an unused piece as its halves, an unknown one as bytes.
  private mutating func emit(_ id: Int32, _ text: Span<UInt8>, _ range: Range<Int>, _ wasUnknown: inout Bool) {
    let (parts, vocabulary) = (tokenizer.parts, tokenizer.vocabulary)
    guard id >= 0, id < vocabulary.pieces.count else {
      if parts.fallsBackToBytes {
        for index in range { ids.append(Int(vocabulary.byteIDs[Int(text[index])])) }
      } else {
        if !wasUnknown, let unknown = parts.unknownToken { ids.append(unknown) }
        wasUnknown = true
      }
      return
    }
    if let (left, right) = halves[id] {
      let middle = range.lowerBound + tokenizer.symbolByteCount(left, text, at: range.lowerBound)
      emit(left, text, range.lowerBound..<middle, &wasUnknown)
      emit(right, text, middle..<range.upperBound, &wasUnknown)
      return
    }
    wasUnknown = false
    ids.append(Int(id))
  }
}

extension Tokenizer {
  /// The longest user-defined piece that a text goes on with.
  fileprivate func userDefinedPiece(_ text: Span<UInt8>, at position: Int, end: Int) -> (id: Int, end: Int)? {
    guard let (token, matchEnd) = userDefined?.match(text, at: position), matchEnd <= end else { return nil }
    return (token.id, matchEnd)
  }

  /// Bytes of a symbol: of a piece its own, of a character that is no piece those of the character.
  fileprivate func symbolByteCount(_ id: Int32, _ text: Span<UInt8>, at position: Int) -> Int {
    id < vocabulary.pieces.count ? vocabulary.pieces.byteCount(of: Int(id)) : text.scalar(at: position).byteCount
  }
}
