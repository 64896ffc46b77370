internal import ByteStorage
internal import Tokenization

/// A vocabulary as GGUF lists it: a text and a kind for every row of the embedding, and for SentencePiece a score.
///
/// - Source: `get_vocab_base` and `_create_vocab_sentencepiece` in llama.cpp's converter.
struct GGUFVocabulary {
  private(set) var texts: [[UInt8]] = []
  private(set) var kinds: [TokenizerParts.PieceType] = []
  private(set) var scores: [Float] = []

  private static let (addedScore, paddingScore): (Float, Float) = (-1000, -10000)

  /// - Parameters:
  ///   - count: Rows of the embedding. Tokens beyond it are left out, rows beyond the tokens are padding.
  ///   - pieceScores: By id; empty where merges decide.
  init(_ parts: TokenizerParts, count: Int, pieceScores: [Float]) {
    let added = Dictionary(parts.addedTokens.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for id in 0..<count {
      guard parts.pieces.indices.contains(id) else {
        append(Array("[PAD\(id)]".utf8), .unused, GGUFVocabulary.paddingScore)
        continue
      }
      if let token = added[id] {
        let isControl = token.isSpecial || GGUFVocabulary.looksSpecial(token.content)
        let text = isControl ? token.content : token.content.replacing("▁", with: " ")
        append(Array(text.utf8), isControl ? .control : .userDefined, GGUFVocabulary.addedScore)
        continue
      }
      let piece = parts.pieces[id]
      guard parts.kind == .byteLevel else {
        append(piece.bytes, piece.type, pieceScores.indices.contains(id) ? pieceScores[id] : 0)
        continue
      }
      // What is spelled in no bytes' characters is kept as text.
      append(piece.type == .control ? piece.bytes : ByteAlphabet.spell(piece.bytes[...]), .normal, 0)
    }
  }

  private mutating func append(_ text: [UInt8], _ kind: TokenizerParts.PieceType, _ score: Float) {
    texts.append(text)
    kinds.append(kind)
    scores.append(score)
  }

  /// Whether a token is a control token by its look, though its file does not call it special.
  private static func looksSpecial(_ text: String) -> Bool {
    let brackets = [("<|", "|>"), ("<｜", "｜>"), ("<unused", ">")]
    return ["<pad>", "<mask>", "<2mass>", "[@BOS@]"].contains(text)
      || brackets.contains { text.hasPrefix($0.0) && text.hasSuffix($0.1) }
  }
}
