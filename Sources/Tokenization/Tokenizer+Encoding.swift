public import ByteStorage

extension Tokenizer {
  /// The token ids of a text.
  /// - Parameters:
  ///   - addsSpecialTokens: Whether the tokens that the model expects around a text are added.
  ///   - findsAddedTokens: Whether text such as `<|eot_id|>` becomes the token that it spells.
  /// - Throws: `unsafe` where an expression of the tokenizer takes more work on this text than is ever done.
  public func encode(
    _ text: String, addsSpecialTokens: Bool = true, findsAddedTokens: Bool = true
  ) throws(GriffinError) -> [Int] {
    let bytes = Array(text.utf8)
    var encoding = TextEncoding(self, byteCount: bytes.count, findsAddedTokens: findsAddedTokens)
    try encoding.encode(bytes)
    return addsSpecialTokens ? addingSpecialTokens(encoding.ids) : encoding.ids
  }
}
