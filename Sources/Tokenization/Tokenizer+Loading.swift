public import ByteStorage

extension Tokenizer {
  /// A tokenizer out of the files of a model, and what the user should know about them.
  public struct Loaded: Sendable {
    public let tokenizer: Tokenizer
    public let warnings: [String]
  }

  /// Files that say what a model's tokenizer is.
  public static let fileNames = [
    "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
  ]

  /// Loads the tokenizer of a model from its files.
  ///
  /// tokenizer.json wins over tokenizer.model; where the two disagree on the vocabulary, a warning says so.
  /// - Parameters:
  ///   - label: Where the files are, such as a folder's name, for messages.
  ///   - read: The content of a file by its name, or nil where there is none; asked for each once.
  /// - Returns: nil where there is neither tokenizer.json nor tokenizer.model.
  /// - Throws: `malformed`, `inconsistent`, `unsafe` or `unsupported`, with the file; and what `read` throws.
  public static func load(
    label: String = "", read: (String) throws(GriffinError) -> [UInt8]?
  ) throws(GriffinError) -> Loaded? {
    guard let loaded = try TokenizerParts.load(label: label, read: read) else { return nil }
    do throws(GriffinError) {
      return Loaded(tokenizer: try Tokenizer(loaded.parts), warnings: loaded.warnings)
    } catch {
      throw error.located(file: loaded.file)
    }
  }
}

extension TokenizerParts {
  /// The parts of a tokenizer out of the files of a model.
  package struct Loaded: Sendable {
    package let parts: TokenizerParts
    /// The pieces of a tokenizer.model, whose scores a tokenizer.json has not; nil where there is none that agrees with what is used.
    package let scoredPieces: PieceList?
    /// The file that is used.
    package let file: String
    package let warnings: [String]
  }

  /// As `Tokenizer.load`, before the parts are held against each other.
  package static func load(
    label: String, read: (String) throws(GriffinError) -> [UInt8]?
  ) throws(GriffinError) -> Loaded? {
    func path(_ name: String) -> String { label.isEmpty ? name : "\(label)/\(name)" }
    func located(_ name: String) throws(GriffinError) -> (bytes: [UInt8], path: String)? {
      try read(name).map { ($0, path(name)) }
    }
    let document = try located("tokenizer.json")
    let model = try located("tokenizer.model")
    guard document != nil || model != nil else { return nil }
    let configuration = try TokenizerConfiguration(read: located)
    if let document {
      var parts = try TokenizerDocument(document.bytes, file: document.path).parts(file: document.path)
      var (pieces, warnings): (PieceList?, [String]) = (nil, [])
      if let model {
        do throws(GriffinError) {
          let found = try SentencePieceModel(model.bytes, file: model.path).pieces
          warnings = disagreements(of: parts, document.path, with: found, model.path)
          if warnings.isEmpty { pieces = found }
        } catch {
          warnings = ["\(error); \(document.path) is used"]
        }
      }
      try parts.complete(with: configuration, isDeclared: true, file: document.path)
      return Loaded(parts: parts, scoredPieces: pieces, file: document.path, warnings: warnings)
    }
    guard let model else { return nil }
    let sentencePiece = try SentencePieceModel(model.bytes, file: model.path)
    var parts = sentencePiece.parts(configuration)
    try parts.complete(with: configuration, isDeclared: false, file: model.path)
    return Loaded(parts: parts, scoredPieces: sentencePiece.pieces, file: model.path, warnings: [])
  }

  /// In words, where a tokenizer.model says otherwise than the tokenizer.json that is used.
  private static func disagreements(
    of parts: TokenizerParts, _ file: String, with pieces: PieceList, _ modelFile: String
  ) -> [String] {
    guard
      let id = pieces.indices.first(where: { !parts.pieces.indices.contains($0) || !parts.pieces.hasBytes(pieces[$0].bytes, at: $0) })
    else { return [] }
    let mine = parts.pieces.indices.contains(id) ? PieceVocabulary.quoted(parts.pieces[id].bytes) : "nothing"
    return [
      "\(file) and \(modelFile) disagree: id \(id) is \(mine) in the one and \(PieceVocabulary.quoted(pieces[id].bytes)) in the other; the first is used"
    ]
  }
}

extension SentencePieceModel {
  /// - Parameter configuration: Says whether text after special tokens begins anew.
  func parts(_ configuration: TokenizerConfiguration) -> TokenizerParts {
    let added = pieces.indices.filter { [.control, .unknown].contains(pieces.type(of: $0)) }.map { id in
      TokenizerParts.AddedToken(id: id, content: String(decoding: pieces[id].bytes, as: UTF8.self))
    }
    var parts = TokenizerParts.sentencePiece(
      pieces: pieces, addedTokens: added, addsSpacePrefix: addsDummyPrefix && configuration.addsPrefixSpace ?? true,
      isLegacy: configuration.isLegacy ?? true, collapsesSpaces: removesExtraSpaces)
    parts.fallsBackToBytes = byteFallback
    if configuration.addsBegin ?? true, pieces.indices.contains(beginID) { parts.prefix = [beginID] }
    if configuration.addsEnd ?? false, pieces.indices.contains(endID) { parts.suffix = [endID] }
    return parts
  }
}

extension TokenizerParts {
  /// Adds the tokens that only the configuration knows, and what it says goes around a text.
  /// - Parameter isDeclared: Whether the tokenizer's own file says what goes around a text.
  mutating func complete(
    with configuration: TokenizerConfiguration, isDeclared: Bool, file: String
  ) throws(GriffinError) {
    var known = Dictionary(addedTokens.enumerated().map { ($1.id, $0) }) { first, _ in first }
    for token in configuration.addedTokens.sorted(by: { $0.id < $1.id }) {
      let text = Array(token.content.utf8)
      if let index = known[token.id] {
        guard addedTokens[index].content.hasSameBytes(as: token.content) else {
          throw GriffinError(
            .inconsistent, file: file,
            "id \(token.id) is \(PieceVocabulary.quoted(Array(addedTokens[index].content.utf8))) here and \(PieceVocabulary.quoted(text)) in the tokenizer's configuration"
          )
        }
        // The configuration decides how a token is looked for.
        addedTokens[index] = token
        continue
      }
      if token.id == pieces.count {
        pieces.append(Piece(bytes: kind == .byteLevel ? ByteAlphabet.decode(text[...]) ?? text : text, type: .control))
      } else if token.id > pieces.count {
        throw GriffinError(
          .inconsistent, file: file,
          "added token \(PieceVocabulary.quoted(text)) has id \(token.id), but there are \(pieces.count) tokens: ids run from 0 without holes"
        )
      } else if !pieces.hasBytes(text, at: token.id), ByteAlphabet.decode(text[...]) != pieces[token.id].bytes {
        throw GriffinError(
          .inconsistent, file: file,
          "id \(token.id) is \(PieceVocabulary.quoted(pieces[token.id].bytes)) here and \(PieceVocabulary.quoted(text)) in the tokenizer's configuration"
        )
      }
      known[token.id] = addedTokens.count
      addedTokens.append(token)
    }
    for index in addedTokens.indices where configuration.specialContents.contains(ExactString(addedTokens[index].content)) {
      addedTokens[index].isSpecial = true
    }
    let (pieces, added) = (self.pieces, addedTokens)
    let declared = (prefix, suffix)
    (prefix, suffix) = configuration.surroundings(declared: isDeclared ? declared : nil) { content in
      if let token = added.first(where: { $0.content.hasSameBytes(as: content) }) { return token.id }
      return pieces.firstID(of: Array(content.utf8))
    }
    // A model alone names its own begin and end where no configuration does.
    if !isDeclared, configuration.beginToken == nil, prefix.isEmpty { prefix = declared.0 }
    if !isDeclared, configuration.endToken == nil, suffix.isEmpty { suffix = declared.1 }
  }
}
