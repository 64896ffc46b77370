public import ByteStorage

/// Text to token ids and back, as the model was trained with: byte-pair encoding over bytes or over SentencePiece's pieces.
///
/// ```swift
/// let tokenizer = try Tokenizer.load { try bundle.attachment(named: "target/" + $0) }
/// let ids = try tokenizer?.encode("Once upon a time")
/// ```
public struct Tokenizer: Sendable {
  public let kind: TokenizerParts.Kind
  let parts: TokenizerParts
  let vocabulary: PieceVocabulary
  /// Looked for in the text as it is, and after the normalizer.
  let rawTokens, normalizedTokens: AddedTokenMatcher
  /// Pieces that stay whole wherever their text stands; only a vocabulary with scores has them.
  let userDefined: AddedTokenMatcher?
  /// What added tokens that are looked for after the normalizer are then: what they decode to.
  let normalizedContents: [Int: [UInt8]]
  private let addedIDs: [ExactString: Int]
  private let specialIDs: Set<Int>

  /// - Throws: `malformed`, `inconsistent` or `unsafe` where the parts do not fit each other.
  public init(_ parts: TokenizerParts) throws(GriffinError) {
    vocabulary = try PieceVocabulary(parts)
    let count = parts.pieces.count
    for id in parts.prefix + parts.suffix + [parts.unknownToken].compactMap(\.self) where !(0..<count).contains(id) {
      throw GriffinError(.inconsistent, "a special token has id \(id), outside the vocabulary of \(count)")
    }
    var (raw, normalized) = (AddedTokenMatcher(), AddedTokenMatcher())
    var addedIDs: [ExactString: Int] = [:]
    var normalizedContents: [Int: [UInt8]] = [:]
    try Tokenizer.checkByteCount(parts.addedTokens.lazy.map(\.content.utf8.count), "added tokens")
    for token in parts.addedTokens {
      guard (0..<count).contains(token.id) else {
        throw GriffinError(
          .inconsistent,
          "added token \"\(token.content.shortened(to: 40))\" has id \(token.id), outside the vocabulary of \(count)")
      }
      let text = Array(token.content.utf8)
      guard text.count <= TokenizerLimits.addedTokenBytes else {
        throw GriffinError(
          .unsafe, "added token \(token.id) has \(text.count) bytes; at most \(TokenizerLimits.addedTokenBytes) are read")
      }
      if let other = addedIDs.updateValue(token.id, forKey: ExactString(token.content)), other != token.id {
        throw GriffinError(
          .inconsistent, "added token \"\(token.content.shortened(to: 40))\" has two ids, \(other) and \(token.id)")
      }
      if token.isNormalized {
        let content = try NormalizerStep.apply(parts.normalizer, to: text)
        normalized.add(token, as: content)
        let spelled = parts.kind == .byteLevel ? ByteAlphabet.decode(content[...]) : nil
        normalizedContents[token.id] = spelled ?? content
      } else {
        raw.add(token, as: text)
      }
    }
    var userDefined: AddedTokenMatcher?
    if parts.merges == nil {
      try Tokenizer.checkByteCount(
        parts.pieces.indices.lazy.filter { parts.pieces.type(of: $0) == .userDefined }.map { parts.pieces.byteCount(of: $0) },
        "user-defined pieces")
      for id in parts.pieces.indices where parts.pieces.type(of: id) == .userDefined {
        var matcher = userDefined ?? AddedTokenMatcher()
        matcher.add(TokenizerParts.AddedToken(id: id, content: ""), as: parts.pieces[id].bytes)
        userDefined = matcher
      }
    }
    kind = parts.kind
    self.userDefined = userDefined
    self.parts = parts
    (rawTokens, normalizedTokens, self.addedIDs) = (raw, normalized, addedIDs)
    self.normalizedContents = normalizedContents
    // Pieces of a vocabulary with scores say themselves what they are, where no added token says it.
    let added = Set(parts.addedTokens.map(\.id))
    let control =
      parts.merges != nil
      ? [] : parts.pieces.indices.filter { !added.contains($0) && [.control, .unknown].contains(parts.pieces.type(of: $0)) }
    specialIDs = Set(parts.addedTokens.filter(\.isSpecial).map(\.id)).union(control)
  }

  /// Every byte of what is looked for in a text takes its place in memory.
  private static func checkByteCount(_ counts: some Sequence<Int>, _ what: String) throws(GriffinError) {
    let sum = counts.reduce(0, +)
    guard sum <= TokenizerLimits.allAddedTokenBytes else {
      throw GriffinError(
        .unsafe, "the \(what) have \(sum) bytes together; at most \(TokenizerLimits.allAddedTokenBytes) are read")
    }
  }

  /// Ids that have a piece: all below this.
  public var vocabularySize: Int { parts.pieces.count }

  /// What the model expects before a text; nil where it expects nothing there.
  public var beginToken: Int? { parts.prefix.first }

  /// The id of an added token such as `<|eot_id|>`, or of a control piece.
  public func id(ofToken content: String) -> Int? {
    if let id = addedIDs[ExactString(content)] { return id }
    return parts.pieces.firstID(of: Array(content.utf8)) { $0 == .control }
  }

  /// Whether a token is left out where a text is decoded for people.
  public func isSpecial(_ id: Int) -> Bool { specialIDs.contains(id) }

  /// What a piece stands for; nil for ids that have none.
  public func piece(_ id: Int) -> TokenizerParts.Piece? { parts.pieces.indices.contains(id) ? parts.pieces[id] : nil }

  /// Puts the tokens around a text that the model expects there.
  public func addingSpecialTokens(_ ids: [Int]) -> [Int] { parts.prefix + ids + parts.suffix }
}
