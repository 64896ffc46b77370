package import ByteStorage
package import LinearAlgebra

extension PairDecoder {
  /// How far a draft follows its target, pair by pair of a text.
  package struct Following: Sendable {
    /// Passes in a row whose choice is the target's, as far as the text follows the target; nil at the last position.
    package internal(set) var lengths: [Int?]
    /// The draft's choice of the first pass after each pair.
    package internal(set) var choices: [ModelChoice]
  }

  /// The draft's first pass after some prefixes of a text, which follow those of the call before; from prefix 0 the draft begins anew.
  /// - Parameters:
  ///   - pairs: Pair `i` is the feature of position `i` and the token after it; there is one fewer than there are tokens.
  ///   - logits: `[pairs, draft_vocab_size]`.
  /// - Throws: What the draft's source throws.
  /// - Precondition: `canSpeculate`.
  package func predict(_ text: TextReading, pairs: Range<Int>, into logits: inout Activations) throws {
    guard let decoder = draftDecoder else { preconditionFailure("there is no draft") }
    if pairs.lowerBound == 0 { forgetPrompt() }
    precondition(draftLength == pairs.lowerBound && pairs.upperBound < text.tokens.count, "prefixes out of order")
    var input = Activations(columns: text.features.columns)
    var regressed = Activations(columns: decoder.featureWidth)
    compute.copyRows(Array(pairs), of: text.features, into: &input)
    try decoder.read(
      features: input, tokens: pairs.map { text.tokens[$0 + 1] }, positions: Array(pairs),
      visible: pairs.map { VisibleRows(prefix: $0 + 1) }, regressed: &regressed)
    try decoder.logits(from: 0, into: &logits)
  }

  /// Columns of the draft's logits; zero without a draft.
  package var draftVocabularySize: Int { draftDecoder?.outputWidth ?? 0 }

  /// The target's pass over a text of at least three tokens.
  /// - Throws: What the source throws, and `interrupted`.
  package func reading(of tokens: [Int], cancellation: Cancellation) throws -> TextReading {
    try read(tokens, isScored: true, cancellation: cancellation)
  }

  /// Runs the draft after every prefix of a text, up to `MisalignmentCounts.passes` passes.
  /// - Parameter text: Read by a target with the same taps.
  /// - Throws: What the draft's source throws, and `interrupted`.
  /// - Precondition: `canSpeculate`.
  package func following(_ text: TextReading, cancellation: Cancellation) throws -> Following {
    var lengths = [Int?](repeating: nil, count: text.tokens.count)
    let choices = try walk(text, beginsAnywhere: true, cancellation: cancellation) { pair, pass, isAligned in
      lengths[pair] = isAligned ? pass + 1 : pass
    }.first
    return Following(lengths: lengths, choices: choices)
  }
}
