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
    var parts = TokenizerParts(
      kind: kind, pieces: try pieces(kind, file: file), merges: merges, addedTokens: addedTokens,
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
    ids.value(of: Array(content.utf8)).map { vocabulary[$0].id } ?? addedTokens.first { $0.content.hasSameBytes(as: content) }?.id
  }

  /// The vocabulary and the added tokens that it lacks, by id.
  private func pieces(_ kind: TokenizerParts.Kind, file: String) throws(GriffinError) -> [TokenizerParts.Piece] {
    var others: [ExactString: Int] = [:]
    for token in addedTokens {
      if let index = ids.value(of: Array(token.content.utf8)) {
        guard vocabulary[index].id == token.id else {
          throw GriffinError(
            .inconsistent, file: file,
            "added token \"\(token.content.shortened(to: 40))\" has id \(token.id), but \(vocabulary[index].id) in the vocabulary"
              .printable)
        }
      } else if let other = others.updateValue(token.id, forKey: ExactString(token.content)), other != token.id {
        throw GriffinError(
          .inconsistent, file: file,
          "added token \"\(token.content.shortened(to: 40))\" has two ids, \(other) and \(token.id)".printable)
      }
    }
    let count = vocabulary.count + others.count
    var pieces = [TokenizerParts.Piece?](repeating: nil, count: count)
    func place(_ text: [UInt8], _ id: Int, _ piece: TokenizerParts.Piece) throws(GriffinError) {
      guard id < count else {
        throw GriffinError(
          .malformed, file: file,
          "\(PieceVocabulary.quoted(text)) has id \(id), but there are \(count) tokens: ids run from 0 without holes")
      }
      guard pieces[id] == nil else {
        throw GriffinError(.malformed, file: file, "id \(id) is there twice; the second is \(PieceVocabulary.quoted(text))")
      }
      pieces[id] = piece
    }
    for (text, id) in vocabulary { try place(text, id, piece(text, kind, isAdded: false)) }
    for (content, id) in others.sorted(by: { $0.value < $1.value }) {
      let text = Array(content.text.utf8)
      try place(text, id, piece(text, kind, isAdded: true))
    }
    return pieces.compactMap(\.self)
  }

  private func piece(_ text: [UInt8], _ kind: TokenizerParts.Kind, isAdded: Bool) -> TokenizerParts.Piece {
    if kind == .byteLevel {
      guard let bytes = ByteAlphabet.decode(String(decoding: text, as: UTF8.self)) else {
        // No text is ever spelled so; decoding gives it back as it is.
        return TokenizerParts.Piece(bytes: text, type: .control)
      }
      return TokenizerParts.Piece(bytes: bytes, type: isAdded ? .control : .normal)
    }
    let isByte = model.fallsBackToBytes && PieceVocabulary.byte(of: text) != nil
    return TokenizerParts.Piece(bytes: text, type: isByte ? .byte : isAdded ? .control : .normal)
  }
}
