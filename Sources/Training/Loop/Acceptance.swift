internal import ByteStorage
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding
internal import Statistics

/// How much of what a draft proposes its target accepts, over prompts that were held out.
struct Acceptance: Sendable {
  /// Tokens over cycles, position by position of the text that the target writes whatever its draft.
  private(set) var ratio = BlockedRatio()

  /// Tokens a cycle; 0 where nothing was decoded.
  var length: Double { ratio.value ?? 0 }

  /// Observations below which chance may make all of them alike, and an interval of no width.
  private static let leastBlocks = 8

  /// The difference of two drafts' acceptance lengths over the same texts, and where it lies; of few texts that is not known.
  static func difference(_ new: Acceptance, _ old: Acceptance) -> (value: Double, interval: Interval) {
    guard let difference = BlockedRatio.difference(new.ratio, old.ratio) else { return (0, .everything) }
    return new.ratio.blocks.count < leastBlocks ? (difference.value, .everything) : difference
  }

  /// What decoding without a draft has over as long texts.
  static func withoutDraft(_ lengths: [Int]) -> Acceptance {
    var acceptance = Acceptance()
    for length in lengths { acceptance.ratio.add([(x: Double, y: Double)](repeating: (1, 1), count: length)) }
    return acceptance
  }

  /// Decodes prompts greedily.
  /// - Returns: With it the length of each text after its prompt.
  static func measure(
    _ draft: DraftModel, of target: TargetModel, on prompts: [[Int]], settings: DecodeSettings, compute: Compute,
    cancellation: Cancellation
  ) throws -> (acceptance: Acceptance, lengths: [Int]) {
    let decoder = try PairDecoder(target: target, draft: draft, compute: compute)
    var (acceptance, lengths): (Acceptance, [Int]) = (Acceptance(), [])
    for prompt in prompts {
      try decoder.prepare(prompt: prompt, cancellation: cancellation)
      let run = try decoder.decodeSpeculatively(settings, cancellation: cancellation)
      acceptance.ratio.add(CycleRecord.positions(of: run.cycles, promptLength: prompt.count, length: run.ids.count))
      lengths.append(run.ids.count)
    }
    return (acceptance, lengths)
  }
}
