internal import ByteStorage

/// A tokenizer.model: SentencePiece's `ModelProto`, as much of it as decides how text is encoded.
///
/// - Source: `sentencepiece_model.proto` (field numbers and defaults).
struct SentencePieceModel {
  private(set) var pieces = PieceList()
  private(set) var addsDummyPrefix = true
  private(set) var removesExtraSpaces = true
  /// The ids of the begin and the end piece; -1 for none.
  private(set) var beginID = 1
  private(set) var endID = 2
  private var modelType = 1
  private(set) var byteFallback = false
  private let file: String

  /// - Throws: `malformed` where the bytes are no such model, `unsupported` for one that is not BPE or that rewrites text.
  init(_ bytes: [UInt8], file: String) throws(GriffinError) {
    self.file = file
    guard bytes.count <= TokenizerLimits.modelBytes else {
      throw GriffinError(.unsafe, file: file, "the file has \(bytes.count) bytes; at most \(TokenizerLimits.modelBytes) are read")
    }
    var escapesSpaces = true
    var (hasTrainer, hasNormalizer) = (false, false)
    var model = ProtocolBufferReader(bytes, 0..<bytes.count, file: file)
    while let (field, value) = try model.next() {
      switch (field, value) {
      case (1, .bytes(let range)): try addPiece(bytes, range)
      case (2, .bytes(let range)):
        hasTrainer = true
        try readTrainer(bytes, range)
      case (3, .bytes(let range)):
        hasNormalizer = true
        var normalizer = ProtocolBufferReader(bytes, range, file: file)
        while let (field, value) = try normalizer.next() {
          switch (field, value) {
          case (2, .bytes(let table)) where !table.isEmpty:
            throw GriffinError(
              .unsupported, file: file, offset: table.lowerBound,
              "the normalizer rewrites characters by a table of \(table.count) bytes; only the identity is read")
          case (3, .integer(let flag)): addsDummyPrefix = flag != 0
          case (4, .integer(let flag)): removesExtraSpaces = flag != 0
          case (5, .integer(let flag)): escapesSpaces = flag != 0
          default: break
          }
        }
      default: break
      }
    }
    guard !pieces.isEmpty else { throw GriffinError(.malformed, file: file, "the model has no pieces") }
    guard hasTrainer, hasNormalizer else {
      throw GriffinError(
        .malformed, file: file, offset: bytes.count,
        "the model ends before its \(hasTrainer ? "normalizer" : "trainer") specification: the file is cut off")
    }
    guard modelType == 2 else {
      let names = [1: "unigram", 3: "word", 4: "char"]
      throw GriffinError(
        .unsupported, file: file, "the model is of type \(names[modelType] ?? "\(modelType)"); only bpe is read")
    }
    guard escapesSpaces else { throw GriffinError(.unsupported, file: file, "the normalizer does not escape spaces") }
    try checkPieces()
  }

  private mutating func addPiece(_ bytes: [UInt8], _ range: Range<Int>) throws(GriffinError) {
    guard pieces.count < TokenizerLimits.pieces else {
      throw GriffinError(
        .unsafe, file: file, offset: range.lowerBound, "the model has more than \(TokenizerLimits.pieces) pieces")
    }
    var piece = TokenizerParts.Piece(bytes: [])
    var reader = ProtocolBufferReader(bytes, range, file: file)
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .bytes(let text)): piece.bytes = Array(bytes[text])
      case (2, .fixed32(let bits)): piece.score = Float(bitPattern: bits)
      case (3, .integer(let number)):
        guard let type = TokenizerParts.PieceType(rawValue: Int(truncatingIfNeeded: number)) else {
          throw reader.malformed("piece \(pieces.count) is of type \(number); expected 1 to 6", at: range.lowerBound)
        }
        piece.type = type
      default: break
      }
    }
    guard !piece.bytes.isEmpty, piece.bytes.rawBytes.utf8Text != nil else {
      throw reader.malformed("piece \(pieces.count) is empty or not UTF-8", at: range.lowerBound)
    }
    guard !piece.score.isNaN else {
      throw reader.malformed("the score of piece \(pieces.count) is not a number", at: range.lowerBound)
    }
    pieces.append(piece)
  }

  private mutating func readTrainer(_ bytes: [UInt8], _ range: Range<Int>) throws(GriffinError) {
    var reader = ProtocolBufferReader(bytes, range, file: file)
    while let (field, value) = try reader.next() {
      guard case .integer(let number) = value else { continue }
      switch field {
      case 3: modelType = Int(truncatingIfNeeded: number)
      case 24 where number != 0:
        throw GriffinError(
          .unsupported, file: file, "white space is a suffix of words (treat_whitespace_as_suffix), which is not read")
      case 35: byteFallback = number != 0
      case 41: beginID = Int(truncatingIfNeeded: Int64(bitPattern: number))
      case 42: endID = Int(truncatingIfNeeded: Int64(bitPattern: number))
      default: break
      }
    }
  }

  private func checkPieces() throws(GriffinError) {
    let unknown = pieces.indices.filter { pieces[$0].type == .unknown }
    guard unknown.count == 1 else {
      throw GriffinError(.malformed, file: file, "the model has \(unknown.count) unknown pieces; expected one")
    }
    for (id, piece) in pieces.enumerated() where piece.type == .byte {
      guard PieceVocabulary.byte(of: piece.bytes) != nil else {
        throw GriffinError(
          .malformed, file: file, "piece \(id) is a byte piece, but \(PieceVocabulary.quoted(piece.bytes)) stands for no byte")
      }
    }
    let bytes = Set(pieces.lazy.filter { $0.type == .byte }.compactMap { PieceVocabulary.byte(of: $0.bytes) }).count
    guard !byteFallback || bytes == 256 else {
      throw GriffinError(
        .malformed, file: file, "what has no piece falls back to bytes, but only \(bytes) of 256 bytes have a piece")
    }
    var reserved: Set<[UInt8]> = []
    for (id, piece) in pieces.enumerated() where [.control, .unknown, .byte].contains(piece.type) {
      guard reserved.insert(piece.bytes).inserted else {
        throw GriffinError(.malformed, file: file, "piece \(id), \(PieceVocabulary.quoted(piece.bytes)), is there twice")
      }
    }
  }
}
