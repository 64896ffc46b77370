internal import SpeculativeDecoding
internal import Statistics

/// A packed pair held against another: what was seen of both, and what it comes to.
struct PairComparison {
  private let hasDrafts: Bool
  private var meter = FidelityMeter()
  /// Tokens over cycles, block by block of the text that both generate, and misses over trials of the first pass.
  private var (myAcceptance, theirAcceptance) = (BlockedRatio(), BlockedRatio())
  private var (myMisses, theirMisses) = (BlockedRatio(), BlockedRatio())
  private(set) var (myCounts, theirCounts) = (MisalignmentCounts(), MisalignmentCounts())
  private var (results, others): ([CaseResult], [CaseResult]) = ([], [])
  /// Tokens that were compared.
  private(set) var tokenCount = 0

  init(hasDrafts: Bool) { self.hasDrafts = hasDrafts }

  mutating func add(_ seen: UnitObservation) {
    for window in seen.windows {
      tokenCount += window.tokenCount
      if let comparison = window.comparison { meter.add(comparison) }
      if let mine = window.misses, let theirs = window.otherMisses {
        (myCounts, theirCounts) = (myCounts + mine.counts, theirCounts + theirs.counts)
        myMisses.add(PairComparison.misses(mine))
        theirMisses.add(PairComparison.misses(theirs))
      }
    }
    guard hasDrafts else { return }
    for (mine, theirs) in zip(seen.cases, seen.others) {
      let length = max(mine.vanillaIDs.count, theirs.vanillaIDs.count)
      myAcceptance.add(PairComparison.acceptance(mine, length: length))
      theirAcceptance.add(PairComparison.acceptance(theirs, length: length))
    }
    results += seen.cases
    others += seen.others
  }

  private static func misses(_ seen: WindowObservation.Misses) -> [(x: Double, y: Double)] {
    seen.aligned.map { aligned in aligned.map { ($0 ? 0 : 1, 1) } ?? (0, 0) }
  }

  private static func acceptance(_ result: CaseResult, length: Int) -> [(x: Double, y: Double)] {
    CycleRecord.positions(of: result.cycles, promptLength: result.promptIDs.count, length: length)
  }

  /// What was found so far, with its intervals.
  func fidelity() -> Fidelity {
    var fidelity = meter.fidelity()
    guard hasDrafts else { return fidelity }
    let (mine, theirs) = (VerificationSummary(results), VerificationSummary(others))
    fidelity.acceptanceLength = mine.acceptanceLength
    fidelity.acceptanceLengthSource = theirs.acceptanceLength
    fidelity.acceptanceByPositionSource = theirs.acceptanceByPosition
    fidelity.acceptanceByCaseSource = others.map(\.acceptanceLength)
    fidelity.misalignedTokenRateSource = theirCounts.rates
    fidelity.intervals["acceptance_length"] = BlockedRatio.quotient(myAcceptance, theirAcceptance)
    fidelity.intervals["misaligned_token_rate"] = BlockedRatio.difference(myMisses, theirMisses)?.interval
    fidelity.drawsTheSameTrees = zip(results, others).allSatisfy { mine, theirs in
      mine.cycles.map(\.tree) == theirs.cycles.map(\.tree) && mine.cycles.map(\.accepted) == theirs.cycles.map(\.accepted)
    }
    return fidelity
  }
}
