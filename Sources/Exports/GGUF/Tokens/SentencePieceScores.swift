internal import ByteStorage
internal import Tokenization

/// The scores of a SentencePiece vocabulary whose file lists merges instead: the sooner two pieces merge, the higher the score of
/// what they become.
struct SentencePieceScores {
  /// By id.
  let scores: [Float]

  /// - Throws: `unsupported` where no scores lead to the same merges, with one that shows it.
  init(_ parts: TokenizerParts, file: String) throws(GriffinError) {
    let merges = parts.merges?.ids ?? []
    var ranks = [Int](repeating: -1, count: parts.pieces.count)
    var (last, next): (Int, Int) = (-1, 0)
    for merge in merges where merge.result != last {
      guard ranks[merge.result] < 0 else {
        throw SentencePieceScores.refusal(
          "the merges into \(SentencePieceScores.quoted(parts, merge.result)) do not stand together", file)
      }
      (ranks[merge.result], last) = (next, merge.result)
      next += 1
    }
    let added = Set(parts.addedTokens.map(\.id))
    try SentencePieceScores.checkPairs(parts, added, file)
    // What no merge makes comes after all that are made, as SentencePiece has its characters.
    var scores: [Float] = []
    for id in parts.pieces.indices {
      guard parts.pieces[id].type == .normal, !added.contains(id) else {
        scores.append(0)
        continue
      }
      if ranks[id] < 0 {
        ranks[id] = next
        next += 1
      }
      scores.append(-Float(ranks[id]))
    }
    self.scores = scores
  }

  /// Scores let any two pieces merge that make a piece; so must the merges.
  private static func checkPairs(_ parts: TokenizerParts, _ added: Set<Int>, _ file: String) throws(GriffinError) {
    var ids: [ArraySlice<UInt8>: Int] = [:]
    for id in parts.pieces.indices where parts.pieces[id].type == .normal && !added.contains(id) { ids[parts.pieces[id].bytes[...]] = id }
    let merges = parts.merges.map(MergeTable.init)
    for (text, id) in ids {
      for middle in text.indices.dropFirst() where text[middle] & 0xC0 != 0x80 {
        guard let left = ids[text[..<middle]], let right = ids[text[middle...]] else { continue }
        guard let merge = merges?[Int32(left), Int32(right)], Int(merge.result) == id else {
          throw refusal("\(quoted(parts, left)) and \(quoted(parts, right)) make the piece \(quoted(parts, id)) and do not merge", file)
        }
      }
    }
  }

  private static func quoted(_ parts: TokenizerParts, _ id: Int) -> String {
    "\"\(String(decoding: parts.pieces[id].bytes, as: UTF8.self).shortened(to: 40).printable)\""
  }

  private static func refusal(_ message: String, _ file: String) -> GriffinError {
    GriffinError(
      .unsupported, file: file, "\(message); llama.cpp merges the pieces of such a vocabulary by scores, which cannot say that",
      hints: [GGUFTarget.instead])
  }
}
