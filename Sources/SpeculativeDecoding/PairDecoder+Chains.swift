package import ByteStorage
internal import LinearAlgebra

extension PairDecoder {
  /// How far a draft follows its target, pair by pair of a text.
  package struct Following: Sendable {
    /// Passes in a row whose choice is the target's, as far as the text follows the target; nil at the last position.
    package internal(set) var lengths: [Int?]
    /// The draft's choice of the first pass after each pair.
    package internal(set) var choices: [ModelChoice]
  }

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
