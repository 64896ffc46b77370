public import ByteStorage
internal import LinearAlgebra
internal import Models

/// A text gone through as if it had been decoded: what calibration watches.
extension PairDecoder {
  /// The target's pass over a text, from an empty cache, and what feeds its output head after every token.
  ///
  /// Never through OpenBLAS, so that inputs have the same bits on every machine; the head's product itself is left out.
  /// - Throws: `usage` for ids outside the vocabulary, and what the source throws.
  public func rehearseTarget(_ tokens: [Int]) throws {
    let vocabulary = target.configuration.vocabularySize
    if let outside = tokens.first(where: { $0 < 0 || $0 >= vocabulary }) {
      throw GriffinError(.usage, "id \(outside) of the text is outside the vocabulary of \(vocabulary)")
    }
    forgetPrompt()
    try target.decode(tokens, features: &features)
    target.observeHead(features)
    takeFeatures(tokens.count)
  }

  /// The draft over the text that the target went through last, as if the text had been decoded: it is fed the target's features, and
  /// after every `stride` tokens drafts a tree under the token that follows, from its own features on.
  /// - Parameters:
  ///   - stride: Tokens from one tree to the next, such as a cycle adds.
  ///   - onTree: Told of each tree.
  /// - Throws: What the sources throw, and `interrupted`.
  /// - Precondition: `canSpeculate`.
  public func rehearseDraft(
    _ tokens: [Int], treeEvery stride: Int, settings: DecodeSettings, cancellation: Cancellation = Cancellation(),
    onTree: (DraftTree) -> Void = { _ in }
  ) throws {
    guard let drafter else { preconditionFailure("there is no draft") }
    truncateDraft()
    for start in Swift.stride(from: 0, to: tokens.count - 1, by: stride) {
      try cancellation.check()
      let rows = start..<min(start + stride, tokens.count - 1)
      takeFeatures(rows)
      try drafter.extend(features: selected, tokens: rows.map { tokens[$0 + 1] })
      onTree(try drafter.draft(root: tokens[rows.upperBound], settings: settings).tree)
    }
    truncateDraft()
  }
}
