/// A tokenizer taken apart: what a tokenizer.json, a tokenizer.model or a GGUF file says of one.
///
/// `Tokenizer.init` checks that the parts fit each other.
public struct TokenizerParts: Sendable {
  public enum Kind: String, Sendable, Hashable {
    /// Pieces are text, with `▁` for the space; what has no piece falls back to bytes.
    case sentencePiece = "sentencepiece-bpe"
    /// Pieces are bytes.
    case byteLevel = "byte-level-bpe"
  }

  /// What a piece is for; the numbers are those of SentencePiece and GGUF.
  public enum PieceType: Int, Sendable, Hashable {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  public struct Piece: Sendable, Hashable {
    /// UTF-8, or for a byte-level piece the bytes that it stands for.
    public var bytes: [UInt8]
    /// Of pieces that could be merged next the one with the highest score is, where there is no list of merges.
    public var score: Float
    public var type: PieceType

    public init(bytes: [UInt8], score: Float = 0, type: PieceType = .normal) {
      (self.bytes, self.score, self.type) = (bytes, score, type)
    }
  }

  /// A token that is looked for in a text before anything is split.
  public struct AddedToken: Sendable, Hashable {
    public var id: Int
    public var content: String
    /// Left out where a text is decoded for people.
    public var isSpecial: Bool
    /// Takes the white space before and after it along.
    public var stripsLeft, stripsRight: Bool
    /// Is not looked for inside words.
    public var isSingleWord: Bool
    /// Is looked for after the normalizer has run.
    public var isNormalized: Bool

    public init(
      id: Int, content: String, isSpecial: Bool = true, stripsLeft: Bool = false, stripsRight: Bool = false,
      isSingleWord: Bool = false, isNormalized: Bool = false
    ) {
      (self.id, self.content, self.isSpecial) = (id, content, isSpecial)
      (self.stripsLeft, self.stripsRight) = (stripsLeft, stripsRight)
      (self.isSingleWord, self.isNormalized) = (isSingleWord, isNormalized)
    }
  }

  /// How pieces become text again.
  public struct Decoding: Sendable, Hashable {
    /// The pieces' bytes, one after another; what is not UTF-8 becomes U+FFFD.
    public static let bytes = Decoding(spaceMark: nil)
    /// SentencePiece's way: marks become spaces, byte pieces bytes, and the space before the text goes.
    public static let spaceMarks = Decoding(spaceMark: Array("▁".utf8), decodesBytes: true, strippedSpaces: 1)

    /// Becomes a space.
    public var spaceMark: [UInt8]?
    /// Whether pieces such as `<0x0A>` stand for bytes.
    public var decodesBytes: Bool
    /// Spaces that are dropped where the text begins.
    public var strippedSpaces: Int
    /// Whether the first piece loses all its marks.
    public var dropsFirstMarks: Bool

    public init(spaceMark: [UInt8]?, decodesBytes: Bool = false, strippedSpaces: Int = 0, dropsFirstMarks: Bool = false) {
      (self.spaceMark, self.decodesBytes) = (spaceMark, decodesBytes)
      (self.strippedSpaces, self.dropsFirstMarks) = (strippedSpaces, dropsFirstMarks)
    }
  }

  public var kind: Kind
  /// By id.
  public var pieces: PieceList
  /// Nil where the pieces' scores decide.
  public var merges: RankedMerges?
  public var addedTokens: [AddedToken]
  public var normalizer: [NormalizerStep]
  public var preTokenizer: [PreTokenizerStep]
  public var decoding: Decoding
  /// Stands for what has no piece; where there is none it is dropped.
  public var unknownToken: Int?
  /// Whether unknown characters in a row are one unknown token.
  public var fusesUnknown = false
  /// Whether what has no piece becomes byte pieces.
  public var fallsBackToBytes = false
  /// Whether a word that is a piece stays one, whatever its merges.
  public var ignoresMerges = false
  /// Put before and after a text that is encoded with special tokens.
  public var prefix: [Int] = []
  public var suffix: [Int] = []

  public init(
    kind: Kind, pieces: PieceList, merges: RankedMerges?, addedTokens: [AddedToken] = [], normalizer: [NormalizerStep] = [],
    preTokenizer: [PreTokenizerStep] = [], decoding: Decoding
  ) {
    (self.kind, self.pieces, self.merges, self.addedTokens) = (kind, pieces, merges, addedTokens)
    (self.normalizer, self.preTokenizer, self.decoding) = (normalizer, preTokenizer, decoding)
  }
}

extension TokenizerParts {
  /// A SentencePiece vocabulary whose scores decide: what tokenizer.model and GGUF's `llama` hold.
  /// - Parameters:
  ///   - addsSpacePrefix: Whether a text begins as if a space stood before it.
  ///   - isLegacy: Whether so does the text after each special token, as in the first releases.
  public static func sentencePiece(
    pieces: PieceList, addedTokens: [AddedToken], addsSpacePrefix: Bool = true, isLegacy: Bool = true,
    collapsesSpaces: Bool = false
  ) -> TokenizerParts {
    let mark = Array("▁".utf8)
    var normalizer: [NormalizerStep] = collapsesSpaces ? [.collapseSpaces] : []
    var preTokenizer: [PreTokenizerStep] = []
    if isLegacy {
      if addsSpacePrefix { normalizer.append(.prepend(mark)) }
      normalizer.append(.replace([UInt8(ascii: " ")], with: mark))
    } else {
      preTokenizer = [.spaceMarks(mark: mark, prefix: addsSpacePrefix ? .first : .never, splits: false)]
    }
    var decoding = Decoding.spaceMarks
    if !addsSpacePrefix { decoding.strippedSpaces = 0 }
    var parts = TokenizerParts(
      kind: .sentencePiece, pieces: pieces, merges: nil, addedTokens: addedTokens, normalizer: normalizer,
      preTokenizer: preTokenizer, decoding: decoding)
    parts.unknownToken = pieces.indices.first { pieces.type(of: $0) == .unknown }
    parts.fusesUnknown = true
    // Falling back to bytes needs all of them.
    parts.fallsBackToBytes = pieces.indices.count { pieces.type(of: $0) == .byte } == 256
    return parts
  }
}

/// What a tokenizer may cost before it is refused; no released one comes near.
enum TokenizerLimits {
  static let pieces = 1 << 20
  static let merges = 2 << 20
  /// Bytes of one piece.
  static let pieceBytes = 4096
  /// Bytes of one piece of a vocabulary that merges by scores: every way to cut it in two is looked up.
  static let scoredPieceBytes = 512
  /// The squares of the lengths of such pieces together: what looking them up costs.
  static let scoredPieceSquares = 1 << 28
  /// Tokens that are looked for in a text before it is cut.
  static let addedTokens = 1 << 16
  /// Bytes of one token that is looked for in a text, and of all of them.
  static let addedTokenBytes = 4096
  static let allAddedTokenBytes = 1 << 20
  /// Steps of a normalizer or a pre-tokenizer, and how many times longer all of them together may make a text.
  static let steps = 64
  static let lengthening = 64
  /// Ids that are put around a text.
  static let surroundings = 256
  /// Bytes of a tokenizer.model.
  static let modelBytes = 64 << 20
}
