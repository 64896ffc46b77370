internal import ByteStorage
internal import Conversion
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding
internal import Statistics

/// A packed pair held against another on the same prompts and text, as much of it as is asked for.
final class PairComparison {
  private let runner: CaseRunner
  /// nil without drafts.
  private let mine, theirs: PairDecoder?
  private let settings: DecodeSettings
  private let cancellation: Cancellation
  private let onTokens: (DecodingWork, Int) -> Void
  private var meter: FidelityMeter
  /// Tokens over cycles, block by block of the text that both generate, and misses over trials of the first pass.
  private var (myAcceptance, theirAcceptance) = (BlockedRatio(), BlockedRatio())
  private var (myMisses, theirMisses) = (BlockedRatio(), BlockedRatio())
  private(set) var (myCounts, theirCounts) = (MisalignmentCounts(), MisalignmentCounts())
  private var (results, others): ([CaseResult], [CaseResult]) = ([], [])
  /// Tokens that were compared.
  private(set) var tokenCount = 0

  /// - Parameters:
  ///   - packed: Decodes the packed pair.
  ///   - other: The pair to compare with; with the packed draft where it brings none.
  init(
    _ packed: PairDecoder, _ side: Verifier.Side, with other: ModelSource.Pair, settings: DecodeSettings, compute: Compute,
    cancellation: Cancellation, onTokens: @escaping (DecodingWork, Int) -> Void
  ) throws {
    (self.settings, self.cancellation, self.onTokens) = (settings, cancellation, onTokens)
    meter = FidelityMeter(
      packed: try TargetDecoder(side.target, compute: compute), other: try TargetDecoder(other.target, compute: compute),
      cancellation: cancellation, onTokens: onTokens)
    let draft = side.draft == nil ? nil : other.draft ?? side.draft
    let decoder = try PairDecoder(target: other.target, draft: draft, compute: compute)
    (mine, theirs) = draft == nil ? (nil, nil) : (packed, decoder)
    runner = CaseRunner(decoder, cancellation: cancellation, onTokens: onTokens)
  }

  /// Compares what the packed pair decoded, and a text that both are run over.
  func add(results new: [CaseResult], texts: [[Int]]) throws {
    for text in Verifier.windows(texts) {
      try meter.add(text)
      tokenCount += text.count
      if let mine, let theirs {
        myCounts = myCounts + (try misses(mine, text, &myMisses))
        theirCounts = theirCounts + (try misses(theirs, text, &theirMisses))
      }
    }
    guard theirs != nil else { return }
    for result in new {
      let other = try runner.run(name: result.name, prompt: result.promptIDs, settings: settings)
      let length = max(result.vanillaIDs.count, other.vanillaIDs.count)
      myAcceptance.add(PairComparison.acceptance(result, length: length))
      theirAcceptance.add(PairComparison.acceptance(other, length: length))
      results.append(result)
      others.append(other)
    }
  }

  private static func acceptance(_ result: CaseResult, length: Int) -> [(x: Double, y: Double)] {
    CycleRecord.positions(of: result.cycles, promptLength: result.promptIDs.count, length: length)
  }

  private func misses(_ decoder: PairDecoder, _ text: [Int], _ ratio: inout BlockedRatio) throws -> MisalignmentCounts {
    var positions = [(x: Double, y: Double)](repeating: (0, 0), count: text.count)
    let counts = try decoder.misalignments(text, cancellation: cancellation) { pair, isAligned in
      positions[pair] = (isAligned ? 0 : 1, 1)
    }
    ratio.add(positions)
    onTokens(.misalignment, text.count)
    return counts
  }

  /// What was found so far, with its intervals.
  func fidelity() -> Fidelity {
    var fidelity = meter.fidelity()
    guard theirs != nil else { return fidelity }
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
