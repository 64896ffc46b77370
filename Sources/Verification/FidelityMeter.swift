internal import ByteStorage
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding
internal import Statistics

/// Runs two targets over the same text, side by side, and compares their distributions position by position.
struct FidelityMeter {
  private let packed, other: TargetDecoder
  private let cancellation: Cancellation
  private let onTokens: (DecodingWork, Int) -> Void
  private var divergences: [Double] = []
  private var divergence = BlockedRatio()
  private var agreement = BlockedRatio()
  private var overlap = BlockedRatio()
  /// Of the text's own tokens: the packed target's negative log-likelihood, and that less the other's.
  private var packedLoss = BlockedRatio()
  private var lossDifference = BlockedRatio()
  private var byPosition: [Fidelity.PositionRange] = []

  /// Tokens that go through both targets together; bounds the memory of their logits.
  private static let chunk = 64

  init(packed: TargetDecoder, other: TargetDecoder, cancellation: Cancellation, onTokens: @escaping (DecodingWork, Int) -> Void) {
    (self.packed, self.other, self.cancellation, self.onTokens) = (packed, other, cancellation, onTokens)
  }

  /// Compares the two at every position of a text.
  mutating func add(_ tokens: [Int]) throws {
    packed.truncate(to: 0)
    other.truncate(to: 0)
    var features = Activations(columns: packed.configuration.hiddenSize)
    var otherFeatures = Activations(columns: other.configuration.hiddenSize)
    var logits = Activations(columns: packed.configuration.vocabularySize)
    var otherLogits = Activations(columns: other.configuration.vocabularySize)
    var positions: [(distributions: DistributionComparison, losses: (packed: Double, other: Double)?)] = []
    for start in stride(from: 0, to: tokens.count, by: FidelityMeter.chunk) {
      try cancellation.check()
      let chunk = Array(tokens[start..<min(start + FidelityMeter.chunk, tokens.count)])
      try packed.decode(chunk, features: &features)
      try packed.logits(features, into: &logits)
      try other.decode(chunk, features: &otherFeatures)
      try other.logits(otherFeatures, into: &otherLogits)
      for row in chunk.indices {
        let next = start + row + 1 < tokens.count ? tokens[start + row + 1] : nil
        let comparison = DistributionComparison(logits.row(row), with: otherLogits.row(row))
        let losses = next.map { token in
          (packed: comparison.logSum - Double(logits.row(row)[token]), other: comparison.otherLogSum - Double(otherLogits.row(row)[token]))
        }
        positions.append((comparison, losses))
      }
      onTokens(.comparison, chunk.count)
    }
    let comparisons = positions.map(\.distributions)
    divergences += comparisons.map(\.divergence)
    for (position, comparison) in comparisons.enumerated() { count(comparison, at: position) }
    divergence.add(comparisons.map { ($0.divergence, 1) })
    overlap.add(comparisons.map { ($0.overlap, 1) })
    agreement.add(comparisons.map { ($0.agrees ? 1 : 0, 1) })
    let losses = positions.compactMap(\.losses)
    packedLoss.add(losses.map { ($0.packed, 1) })
    lossDifference.add(losses.map { ($0.packed - $0.other, 1) })
  }

  /// Ranges of positions double in length: 0, 1, 2 and 3, 4 to 7...
  private mutating func count(_ comparison: DistributionComparison, at position: Int) {
    let range = position == 0 ? 0 : Int.bitWidth - position.leadingZeroBitCount
    while byPosition.count <= range {
      let first = byPosition.isEmpty ? 0 : 1 << (byPosition.count - 1)
      byPosition.append(Fidelity.PositionRange(positions: first..<max(1, 2 * first)))
    }
    byPosition[range].add(comparison.divergence, agrees: comparison.agrees)
  }

  /// What was found so far.
  func fidelity() -> Fidelity {
    var fidelity = Fidelity()
    guard !divergences.isEmpty else { return fidelity }
    let ranked = divergences.sorted()
    let rank = (Double(ranked.count) * 0.99).rounded(.up)
    fidelity.positions = ranked.count
    fidelity.byPosition = byPosition
    fidelity.klMean = divergence.value ?? 0
    fidelity.klP99 = ranked[min(ranked.count - 1, Int(rank) - 1)]
    fidelity.klMaximum = ranked[ranked.count - 1]
    fidelity.top1Agreement = agreement.value ?? 1
    fidelity.overlap = overlap.value ?? 1
    fidelity.intervals["overlap"] = overlap.interval.clamped(to: 0...1)
    fidelity.intervals["kl_mean"] = divergence.interval.clamped(to: 0...Double.greatestFiniteMagnitude)
    fidelity.intervals["kl_p99"] = FidelityMeter.quantileInterval(ranked, rank: rank)
    // The largest that was seen; other text may have a larger one.
    fidelity.intervals["kl_max"] = Interval(exactly: fidelity.klMaximum)
    fidelity.intervals["top1_agreement"] = agreement.shareInterval
    if let loss = packedLoss.value, let difference = lossDifference.value {
      fidelity.perplexity = SpecialFunctions.exponential(loss)
      fidelity.perplexitySource = SpecialFunctions.exponential(loss - difference)
      fidelity.intervals["perplexity"] = lossDifference.interval.map(SpecialFunctions.exponential)
    }
    return fidelity
  }

  /// Where the 99th percentile lies, by the ranks between which the binomial distribution puts it, for a block's worth of positions
  /// that count as one.
  private static func quantileInterval(_ ranked: [Double], rank: Double) -> Interval {
    let spread = StudentT.normalQuantile * (Double(ranked.count) * 0.99 * 0.01 * Double(BlockedRatio.blockLength)).squareRoot()
    let (low, high) = (Int((rank - spread).rounded(.down)) - 1, Int((rank + spread).rounded(.up)) - 1)
    return Interval(low < 0 ? 0 : ranked[low], high < ranked.count ? ranked[high] : ranked[ranked.count - 1] == 0 ? 0 : .infinity)
  }
}
