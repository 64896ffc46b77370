import Tokenization

/// The characters that stand for the 256 bytes in byte-level vocabularies: GPT-2's alphabet.
let byteCharacters: [String] = {
  let printable = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
  let others = (0...255).filter { !printable.contains($0) }.indices.map { 256 + $0 }
  return (printable + others).compactMap { Unicode.Scalar($0).map { String(Character($0)) } }
}()

extension Tokenizer {
  /// Encodes texts of several kinds and decodes the ids again, as a whole and one by one.
  func exercise() {
    let texts = [
      "", " ", "a", "Once upon a time, 123 456", "  ab\n\n\tab ", "日本語 é e\u{301} 🦊", "<s>[INST] a<|im_end|>b</s> <unk>", "▁▁a",
      String(repeating: "ab ", count: 40), "\u{0}\u{7F}\r\n don't I'LL",
    ]
    for text in texts {
      for findsAddedTokens in [true, false] {
        // An expression may take more work than a text allows.
        guard let ids = try? encode(text, findsAddedTokens: findsAddedTokens) else { continue }
        precondition(ids.allSatisfy { (0..<vocabularySize).contains($0) }, "an id outside the vocabulary")
        _ = decode(ids)
      }
    }
    // Every piece there is, and ids that are none.
    let ids = Array(-1...min(vocabularySize, 600))
    _ = decode(ids)
    var decoder = TextDecoder(self, skipsSpecialTokens: false)
    for id in ids { _ = decoder.append(id) }
    _ = decoder.finish()
    for id in ids { _ = (isSpecial(id), piece(id)) }
    _ = id(ofToken: "</s>")
  }
}
