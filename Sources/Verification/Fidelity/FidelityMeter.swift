internal import ByteStorage
internal import Statistics

/// How far two targets' distributions are apart over all the text that was compared.
struct FidelityMeter {
  private var divergences: [Double] = []
  private var divergence = BlockedRatio()
  private var agreement = BlockedRatio()
  private var overlap = BlockedRatio()
  /// Of the text's own tokens: the packed target's negative log-likelihood, and that less the other's.
  private var packedLoss = BlockedRatio()
  private var lossDifference = BlockedRatio()
  private var byPosition: [Fidelity.PositionRange] = []

  mutating func add(_ seen: TextComparison) {
    divergences += seen.divergences
    for position in seen.divergences.indices { count(seen.divergences[position], agrees: seen.agreements[position], at: position) }
    divergence.add(seen.divergences.map { ($0, 1) })
    overlap.add(seen.overlaps.map { ($0, 1) })
    agreement.add(seen.agreements.map { ($0 ? 1 : 0, 1) })
    packedLoss.add(seen.losses.map { ($0, 1) })
    lossDifference.add(zip(seen.losses, seen.otherLosses).map { ($0 - $1, 1) })
  }

  /// Ranges of positions double in length: 0, 1, 2 and 3, 4 to 7...
  private mutating func count(_ divergence: Double, agrees: Bool, at position: Int) {
    let range = position == 0 ? 0 : Int.bitWidth - position.leadingZeroBitCount
    while byPosition.count <= range {
      let first = byPosition.isEmpty ? 0 : 1 << (byPosition.count - 1)
      byPosition.append(Fidelity.PositionRange(positions: first..<max(1, 2 * first)))
    }
    byPosition[range].add(divergence, agrees: agrees)
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
