internal import ByteStorage

extension TokenizerDocument {
  /// What the document says, in the tokenizer's own terms.
  /// - Throws: `unsupported` for steps that are not known, by name; `malformed` or `inconsistent` for ids with holes or
  ///   duplicates.
  func parts(file: String) throws(GriffinError) -> TokenizerParts {
    if let field = model.unsupported.first {
      throw GriffinError(.unsupported, file: file, "model.\(field) is set, which is not read")
    }
    let steps = TokenizerSteps(file: file)
    let (preSteps, isByteLevel) = try steps.preTokenizer(preTokenizer)
    let normalizing = try steps.normalizer(normalizer)
    try steps.checkCost(normalizing, preSteps)
    let decoding = try steps.decoding(decoder, isByteLevel: isByteLevel)
    let kind: TokenizerParts.Kind = isByteLevel ? .byteLevel : .sentencePiece
    let (pieces, merges) = try vocabulary(kind, file: file)
    var parts = TokenizerParts(
      kind: kind, pieces: pieces, merges: merges, addedTokens: addedTokens,
      normalizer: normalizing, preTokenizer: preSteps, decoding: decoding)
    (parts.prefix, parts.suffix) = try steps.surroundings(postProcessor)
    parts.fusesUnknown = model.fusesUnknown
    parts.ignoresMerges = model.ignoresMerges
    parts.fallsBackToBytes = model.fallsBackToBytes && !isByteLevel
    if let unknown = model.unknownToken {
      guard let id = id(ofToken: unknown) else {
        throw GriffinError(
          .inconsistent, file: file, "unk_token is \"\(unknown.shortened(to: 40))\", which is not in the vocabulary".printable)
      }
      parts.unknownToken = id
    }
    return parts
  }

  private func id(ofToken content: String) -> Int? {
    spellings.value(of: Array(content.utf8)) ?? addedTokens.first { $0.content.hasSameBytes(as: content) }?.id
  }

  /// The pieces by id and the merges between them. Only now, since merges may stand before the vocabulary whose pieces they name.
  private func vocabulary(_ kind: TokenizerParts.Kind, file: String) throws(GriffinError) -> (PieceList, RankedMerges) {
    let found = Locked((pieces: PieceList(), merges: RankedMerges()))
    try Workers.run(min(2, Workers.processorCount), jobs: 2, makeState: {}) { (job, _) throws(GriffinError) in
      if job == 0 {
        let merges = try merges.ranked(spellings)
        found.withLock { $0.merges = merges }
      } else {
        let pieces = try pieces(kind, file: file)
        found.withLock { $0.pieces = pieces }
      }
    }
    return found.withLock { ($0.pieces, $0.merges) }
  }

  /// The vocabulary and the added tokens that it lacks, by id.
  private func pieces(_ kind: TokenizerParts.Kind, file: String) throws(GriffinError) -> PieceList {
    let others = try addedContents(file: file)
    let (known, count) = (spellings.count, spellings.count + others.count)
    /// By id the place in the file, then in `others`.
    var places = [Int32](repeating: -1, count: count)
    func text(_ place: Int) -> [UInt8] { place < known ? self.text(at: place) : others[place - known].text }
    for place in 0..<count {
      let id = place < known ? spellings.value(at: place) : others[place - known].id
      guard id < count else {
        throw GriffinError(
          .malformed, file: file,
          "\(PieceVocabulary.quoted(text(place))) has id \(id), but there are \(count) tokens: ids run from 0 without holes")
      }
      guard places[id] < 0 else {
        throw GriffinError(
          .malformed, file: file, "id \(id) is there twice; the second is \(PieceVocabulary.quoted(text(place)))")
      }
      places[id] = Int32(place)
    }
    var pieces = PieceList()
    pieces.reserve(count, byteCount: spellings.byteCount)
    var buffer = [UInt8](repeating: 0, count: TokenizerLimits.pieceBytes)
    for place in places {
      if Int(place) < known {
        append(spellings.block, spellings.range(at: Int(place)), kind, isAdded: false, to: &pieces, &buffer)
      } else {
        let text = others[Int(place) - known].text
        append(text.span, 0..<text.count, kind, isAdded: true, to: &pieces, &buffer)
      }
    }
    return pieces
  }

  /// The added tokens that are not in the vocabulary, each once, in the order of their ids.
  private func addedContents(file: String) throws(GriffinError) -> [(text: [UInt8], id: Int)] {
    var others: [ExactString: Int] = [:]
    for token in addedTokens {
      if let id = spellings.value(of: Array(token.content.utf8)) {
        guard id == token.id else {
          throw GriffinError(
            .inconsistent, file: file,
            "added token \"\(token.content.shortened(to: 40))\" has id \(token.id), but \(id) in the vocabulary".printable)
        }
      } else if let other = others.updateValue(token.id, forKey: ExactString(token.content)), other != token.id {
        throw GriffinError(
          .inconsistent, file: file,
          "added token \"\(token.content.shortened(to: 40))\" has two ids, \(other) and \(token.id)".printable)
      }
    }
    return others.sorted { $0.value < $1.value }.map { (Array($0.key.text.utf8), $0.value) }
  }

  private func append(
    _ text: Span<UInt8>, _ range: Range<Int>, _ kind: TokenizerParts.Kind, isAdded: Bool, to pieces: inout PieceList, _ bytes: inout [UInt8]
  ) {
    guard kind == .byteLevel else {
      let isByte = model.fallsBackToBytes && range.count == 6 && PieceVocabulary.byte(of: text.rawBytes.extracting(range).copied) != nil
      return pieces.append(text, range, type: isByte ? .byte : isAdded ? .control : .normal)
    }
    if range.count > bytes.count { bytes = [UInt8](repeating: 0, count: range.count) }
    if let count = ByteAlphabet.decode(text, range, into: &bytes) {
      pieces.append(bytes.span, 0..<count, type: isAdded ? .control : .normal)
    } else {
      // No text is ever spelled so; decoding gives it back as it is.
      pieces.append(text, range, type: .control)
    }
  }
}
