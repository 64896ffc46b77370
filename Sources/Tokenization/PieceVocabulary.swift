internal import ByteStorage
internal import Patterns

/// The pieces of a tokenizer, checked and indexed, and the merges between them.
final class PieceVocabulary: Sendable {
  let pieces: PieceList
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
    let pieces = parts.pieces
    guard !pieces.isEmpty else { throw GriffinError(.malformed, "the vocabulary is empty") }
    guard pieces.count <= TokenizerLimits.pieces else {
      throw GriffinError(.unsafe, "the vocabulary has \(pieces.count) pieces; at most \(TokenizerLimits.pieces) are read")
    }
    // Two large tables are made at a time.
    let indexing = parts.merges.map { listed in BackgroundWork { () throws(GriffinError) in MergeTable(listed) } }
    var byteIDs = [Int32](repeating: -1, count: 256)
    var hasUnused = false
    for id in pieces.indices {
      let (range, type) = (pieces.range(of: id), pieces.type(of: id))
      guard range.count <= TokenizerLimits.pieceBytes else {
        throw GriffinError(.unsafe, "piece \(id) has \(range.count) bytes; at most \(TokenizerLimits.pieceBytes) are read")
      }
      switch type {
      case .normal, .userDefined, .unused:
        hasUnused = hasUnused || type == .unused
        if parts.kind == .byteLevel, type == .normal, range.count == 1 { byteIDs[Int(pieces.block[range.lowerBound])] = Int32(id) }
      case .byte: if let byte = PieceVocabulary.byte(of: pieces[id].bytes) { byteIDs[Int(byte)] = Int32(id) }
      case .control, .unknown: break
      }
    }
    guard let ids = pieces.table(of: PieceVocabulary.textual) else { throw PieceVocabulary.repetition(in: pieces) }
    var characters = ByteTable()
    if let indexing {
      merges = try indexing.take()
    } else {
      merges = try PieceVocabulary.table(scoring: pieces, ids, &characters)
    }
    self.pieces = pieces
    self.ids = ids
    self.characters = characters
    self.byteIDs = byteIDs
    self.hasUnused = hasUnused
    guard parts.merges != nil || !parts.fallsBackToBytes || !byteIDs.contains(-1) else {
      throw GriffinError(.malformed, "what has no piece falls back to bytes, but \(byteIDs.count { $0 < 0 }) bytes have no piece")
    }
    wordsBeginAtMarks =
      parts.kind == .sentencePiece && ids.value(of: Array("▁".utf8)) != nil
      && !pieces.indices.contains { PieceVocabulary.joinsMark(pieces.block, pieces.range(of: $0)) }
  }

  /// Types of the pieces that a text can be made of.
  private static let textual = [TokenizerParts.PieceType.normal, .userDefined, .unused]

  private static func repetition(in pieces: PieceList) -> GriffinError {
    var seen: [[UInt8]: Int] = [:]
    for id in pieces.indices where textual.contains(pieces.type(of: id)) {
      guard let other = seen.updateValue(id, forKey: pieces[id].bytes) else { continue }
      return GriffinError(.malformed, "pieces \(other) and \(id) are the same: \(quoted(pieces[id].bytes))")
    }
    preconditionFailure("two pieces are the same")
  }

  /// Every way to make a piece of two, ranked by the piece's score.
  private static func table(
    scoring pieces: PieceList, _ ids: ByteTable, _ characters: inout ByteTable
  ) throws(GriffinError) -> MergeTable {
    let scores = Set(pieces.indices.map { pieces.score(of: $0) }).sorted(by: >)
    let ranks = Dictionary(uniqueKeysWithValues: scores.enumerated().map { ($1, Int32($0)) })
    var table = MergeTable()
    let squares = pieces.indices.reduce(0) { $0 + pieces.byteCount(of: $1) * pieces.byteCount(of: $1) }
    guard squares <= TokenizerLimits.scoredPieceSquares else {
      throw GriffinError(
        .unsafe,
        "the pieces are too long together: the squares of their lengths sum up to \(squares); at most \(TokenizerLimits.scoredPieceSquares) are read"
      )
    }
    let text = pieces.block
    func symbol(_ text: Span<UInt8>, _ range: Range<Int>) -> Int32? {
      if let id = ids.value(of: text, range) { return Int32(id) }
      guard text.scalar(at: range.lowerBound).byteCount == range.count else { return nil }
      let next = pieces.count + characters.count
      return Int32(characters.insert(text, range, value: next) ?? next)
    }
    for id in pieces.indices where textual.contains(pieces.type(of: id)) {
      let range = pieces.range(of: id)
      guard range.count <= TokenizerLimits.scoredPieceBytes else {
        throw GriffinError(
          .unsafe,
          "piece \(id) has \(range.count) bytes; of a vocabulary with scores at most \(TokenizerLimits.scoredPieceBytes) are read"
        )
      }
      let rank = ranks[pieces.score(of: id)] ?? 0
      for cut in range.dropFirst() where text[cut] & 0xC0 != 0x80 {
        guard let left = symbol(text, range.lowerBound..<cut), let right = symbol(text, cut..<range.upperBound) else { continue }
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

  /// Whether a piece has a mark (`▁`) after something else.
  private static func joinsMark(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var isAfterOther = false
    var position = range.lowerBound
    while position < range.upperBound {
      if text.hasMark(at: position, end: range.upperBound) {
        if isAfterOther { return true }
        position += 3
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

extension Span<UInt8> {
  /// Whether the mark `▁`, which SentencePiece writes for a space, begins at `position`.
  func hasMark(at position: Int, end: Int) -> Bool {
    self[position] == 0xE2 && position + 2 < end && self[position + 1] == 0x96 && self[position + 2] == 0x81
  }
}
