internal import ByteStorage
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding

/// Runs two targets over the same text, side by side, and compares their distributions position by position.
struct TextComparer {
  private let packed, other: TargetDecoder
  private let cancellation: Cancellation
  private let onTokens: (DecodingWork, Int) -> Void

  /// Tokens that go through both targets together; bounds the memory of their logits.
  private static let chunk = 64

  init(packed: TargetDecoder, other: TargetDecoder, cancellation: Cancellation, onTokens: @escaping (DecodingWork, Int) -> Void) {
    (self.packed, self.other, self.cancellation, self.onTokens) = (packed, other, cancellation, onTokens)
  }

  /// Compares the two at every position of a text.
  func compare(_ tokens: [Int]) throws -> TextComparison {
    packed.truncate(to: 0)
    other.truncate(to: 0)
    var features = Activations(columns: packed.configuration.hiddenSize)
    var otherFeatures = Activations(columns: other.configuration.hiddenSize)
    var logits = Activations(columns: packed.configuration.vocabularySize)
    var otherLogits = Activations(columns: other.configuration.vocabularySize)
    var seen = TextComparison(divergences: [], overlaps: [], agreements: [], losses: [], otherLosses: [])
    for start in stride(from: 0, to: tokens.count, by: TextComparer.chunk) {
      try cancellation.check()
      let chunk = Array(tokens[start..<min(start + TextComparer.chunk, tokens.count)])
      try packed.decode(chunk, features: &features)
      try packed.logits(features, into: &logits)
      try other.decode(chunk, features: &otherFeatures)
      try other.logits(otherFeatures, into: &otherLogits)
      for row in chunk.indices {
        let comparison = DistributionComparison(logits.row(row), with: otherLogits.row(row))
        seen.divergences.append(comparison.divergence)
        seen.overlaps.append(comparison.overlap)
        seen.agreements.append(comparison.agrees)
        guard start + row + 1 < tokens.count else { continue }
        let next = tokens[start + row + 1]
        seen.losses.append(comparison.logSum - Double(logits.row(row)[next]))
        seen.otherLosses.append(comparison.otherLogSum - Double(otherLogits.row(row)[next]))
      }
      onTokens(.comparison, chunk.count)
    }
    return seen
  }
}
