internal import ByteStorage
internal import Patterns

/// The pieces of a tokenizer, checked and indexed, and the merges between them.
final class PieceVocabulary: Sendable {
  let pieces: [TokenizerParts.Piece]
  /// Ids of the pieces that a text can be made of, by their bytes.
  let ids: ByteTable
  let merges: MergeTable
  /// The symbol of a character that is no piece but is half of one, by its bytes; numbers go on after the ids.
  let characters: ByteTable
  /// The piece of each byte: of a byte-level vocabulary its own, else the one to fall back to; -1 for none.
  let byteIDs: [Int32]
  let hasUnused: Bool
  /// Whether no merge joins a mark to what is before it, so that every mark begins a word of its own.
  let wordsBeginAtMarks: Bool

  /// - Throws: `malformed` or `unsafe` where the parts contradict each other.
  init(_ parts: TokenizerParts) throws(GriffinError) {
    guard !parts.pieces.isEmpty else { throw GriffinError(.malformed, "the vocabulary is empty") }
    guard parts.pieces.count <= TokenizerLimits.pieces else {
      throw GriffinError(.unsafe, "the vocabulary has \(parts.pieces.count) pieces; at most \(TokenizerLimits.pieces) are read")
    }
    var ids = ByteTable()
    var byteIDs = [Int32](repeating: -1, count: 256)
    for (id, piece) in parts.pieces.enumerated() {
      guard piece.bytes.count <= TokenizerLimits.pieceBytes else {
        throw GriffinError(.unsafe, "piece \(id) has \(piece.bytes.count) bytes; at most \(TokenizerLimits.pieceBytes) are read")
      }
      if piece.type == .byte, let byte = PieceVocabulary.byte(of: piece.bytes) { byteIDs[Int(byte)] = Int32(id) }
      if parts.kind == .byteLevel, piece.type == .normal, piece.bytes.count == 1 { byteIDs[Int(piece.bytes[0])] = Int32(id) }
      switch piece.type {
      case .normal, .userDefined, .unused:
        if let other = ids.insert(piece.bytes, value: id) {
          throw GriffinError(.malformed, "pieces \(other) and \(id) are the same: \(PieceVocabulary.quoted(piece.bytes))")
        }
      case .control, .unknown, .byte: break
      }
    }
    var characters = ByteTable()
    if let listed = parts.merges {
      merges = try PieceVocabulary.table(listed, parts.pieces.count)
    } else {
      merges = try PieceVocabulary.table(scoring: parts.pieces, ids, &characters)
    }
    self.pieces = parts.pieces
    self.ids = ids
    self.characters = characters
    self.byteIDs = byteIDs
    guard parts.merges != nil || !parts.fallsBackToBytes || !byteIDs.contains(-1) else {
      throw GriffinError(.malformed, "what has no piece falls back to bytes, but \(byteIDs.count { $0 < 0 }) bytes have no piece")
    }
    hasUnused = parts.pieces.contains { $0.type == .unused }
    let mark = Array("▁".utf8)
    wordsBeginAtMarks =
      ids.value(of: mark) != nil
      && !parts.pieces.contains { piece in
        PieceVocabulary.joins(mark, in: piece.bytes)
      }
  }

  private static func table(_ merges: [TokenizerParts.Merge], _ pieceCount: Int) throws(GriffinError) -> MergeTable {
    guard merges.count <= TokenizerLimits.merges else {
      throw GriffinError(.unsafe, "there are \(merges.count) merges; at most \(TokenizerLimits.merges) are read")
    }
    var table = MergeTable()
    let ids = 0..<pieceCount
    for (rank, merge) in merges.enumerated() {
      guard ids.contains(merge.left), ids.contains(merge.right), ids.contains(merge.result) else {
        throw GriffinError(.malformed, "merge \(rank) names an id outside the vocabulary of \(pieceCount)")
      }
      table.insert(Int32(merge.left), Int32(merge.right), MergeTable.Merge(rank: Int32(rank), result: Int32(merge.result)))
    }
    return table
  }

  /// Every way to make a piece of two, ranked by the piece's score.
  private static func table(
    scoring pieces: [TokenizerParts.Piece], _ ids: ByteTable, _ characters: inout ByteTable
  ) throws(GriffinError) -> MergeTable {
    let scores = Set(pieces.map(\.score)).sorted(by: >)
    let ranks = Dictionary(uniqueKeysWithValues: scores.enumerated().map { ($1, Int32($0)) })
    var table = MergeTable()
    let squares = pieces.reduce(0) { $0 + $1.bytes.count * $1.bytes.count }
    guard squares <= TokenizerLimits.scoredPieceSquares else {
      throw GriffinError(
        .unsafe,
        "the pieces are too long together: the squares of their lengths sum up to \(squares); at most \(TokenizerLimits.scoredPieceSquares) are read"
      )
    }
    func symbol(_ text: Span<UInt8>, _ range: Range<Int>) -> Int32? {
      if let id = ids.value(of: text, range) { return Int32(id) }
      guard text.scalar(at: range.lowerBound).byteCount == range.count else { return nil }
      let next = pieces.count + characters.count
      return Int32(characters.insert(text, range, value: next) ?? next)
    }
    for (id, piece) in pieces.enumerated() where [.normal, .userDefined, .unused].contains(piece.type) {
      guard piece.bytes.count <= TokenizerLimits.scoredPieceBytes else {
        throw GriffinError(
          .unsafe,
          "piece \(id) has \(piece.bytes.count) bytes; of a vocabulary with scores at most \(TokenizerLimits.scoredPieceBytes) are read"
        )
      }
      let (text, rank) = (piece.bytes.span, ranks[piece.score] ?? 0)
      for cut in 1..<max(1, piece.bytes.count) where piece.bytes[cut] & 0xC0 != 0x80 {
        guard let left = symbol(text, 0..<cut), let right = symbol(text, cut..<text.count) else { continue }
        table.insert(left, right, MergeTable.Merge(rank: rank, result: Int32(id)))
      }
    }
    return table
  }

  /// The byte that a piece such as `<0x0A>` stands for.
  static func byte(of piece: [UInt8]) -> UInt8? {
    guard piece.count == 6, piece.starts(with: Array("<0x".utf8)), piece[5] == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: piece[3..<5], as: UTF8.self), radix: 16)
  }

  private static func joins(_ mark: [UInt8], in piece: [UInt8]) -> Bool {
    guard piece.count > mark.count else { return false }
    var isAfterOther = false
    var position = 0
    while position < piece.count {
      if piece[position...].starts(with: mark) {
        if isAfterOther { return true }
        position += mark.count
      } else {
        isAfterOther = true
        position += 1
      }
    }
    return false
  }

  /// A piece for a message.
  static func quoted(_ bytes: [UInt8]) -> String { "\"\(String(decoding: bytes, as: UTF8.self).shortened(to: 40))\"".printable }
}
