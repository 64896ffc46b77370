internal import ByteStorage
internal import Conversion
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding

/// Decodes units with a packed pair and, where there is one, with another.
final class UnitObserver {
  private let packed: PairDecoder
  private let runner: CaseRunner
  private let other: Other?
  private let agenda: Agenda
  private let cancellation: Cancellation
  private let onTokens: (DecodingWork, Int) -> Void

  /// The pair to compare with.
  private struct Other {
    let comparer: TextComparer
    let decoder: PairDecoder
    let runner: CaseRunner
  }

  /// - Parameters:
  ///   - packed: Decodes the packed pair.
  ///   - other: The pair to compare with; with the packed draft where it brings none. nil compares nothing.
  init(
    _ packed: PairDecoder, _ side: Verifier.Side, with other: ModelSource.Pair?, _ agenda: Agenda, compute: Compute,
    cancellation: Cancellation, onTokens: @escaping (DecodingWork, Int) -> Void
  ) throws {
    (self.packed, self.agenda, self.cancellation, self.onTokens) = (packed, agenda, cancellation, onTokens)
    runner = CaseRunner(packed, cancellation: cancellation, onTokens: onTokens)
    self.other = try other.map { other in
      let draft = side.draft == nil ? nil : other.draft ?? side.draft
      let decoder = try PairDecoder(target: other.target, draft: draft, compute: compute)
      return Other(
        comparer: TextComparer(
          packed: try TargetDecoder(side.target, compute: compute), other: try TargetDecoder(other.target, compute: compute),
          cancellation: cancellation, onTokens: onTokens),
        decoder: decoder, runner: CaseRunner(decoder, cancellation: cancellation, onTokens: onTokens))
    }
  }

  /// - Throws: `usage` for prompts outside the vocabulary, `interrupted`, and what the sources throw.
  func observe(_ unit: VerificationUnit) throws -> UnitObservation {
    var seen = UnitObservation()
    switch unit {
    case .text(let ids): seen.windows = try windows(ids)
    case .prompt(let prompt):
      try prompt.forEachTurn(encoder: agenda.processing.encoder) { name, ids in
        try add(name: name, prompt: ids, to: &seen)
        return seen.cases[seen.cases.count - 1].vanillaIDs
      }
    }
    return seen
  }

  /// What is seen of one prompt more.
  func observe(name: String, prompt: [Int]) throws -> UnitObservation {
    var seen = UnitObservation()
    try add(name: name, prompt: prompt, to: &seen)
    if !agenda.readsPrompts { seen.windows = try windows(prompt + seen.cases[0].vanillaIDs) }
    return seen
  }

  private func add(name: String, prompt: [Int], to seen: inout UnitObservation) throws {
    let result = try runner.run(name: name, prompt: prompt, settings: agenda.settings)
    seen.cases.append(result)
    if let other, other.decoder.canSpeculate {
      seen.others.append(try other.runner.run(name: name, prompt: prompt, settings: agenda.settings))
    }
    if agenda.readsPrompts { seen.windows += try windows(prompt + result.vanillaIDs) }
  }

  private func windows(_ text: [Int]) throws -> [WindowObservation] {
    try Verifier.windows([text]).map { ids in
      var seen = WindowObservation(tokenCount: ids.count)
      seen.comparison = try other?.comparer.compare(ids)
      if packed.canSpeculate {
        seen.misses = try misses(packed, ids)
        if let other { seen.otherMisses = try misses(other.decoder, ids) }
      }
      return seen
    }
  }

  private func misses(_ decoder: PairDecoder, _ text: [Int]) throws -> WindowObservation.Misses {
    var aligned = [Bool?](repeating: nil, count: text.count)
    let counts = try decoder.misalignments(text, cancellation: cancellation) { pair, isAligned in aligned[pair] = isAligned }
    onTokens(.misalignment, text.count)
    return WindowObservation.Misses(aligned: aligned, counts: counts)
  }
}
