internal import ByteStorage
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding
internal import Statistics

/// How much of what a draft proposes its target accepts, over prompts that were held out.
struct Acceptance: Sendable {
  /// Of each text that a target writes whatever its draft, tokens and cycles by the position at which a cycle begins.
  private var texts: [[(x: Double, y: Double)]] = []

  /// Tokens a cycle; 0 where nothing was decoded.
  var length: Double { ratio(lengths).value ?? 0 }

  /// Tokens of each text.
  var lengths: [Int] { texts.map(\.count) }

  var tokenCount: Int { lengths.reduce(0, +) }

  /// That over the first prompts, and over the others.
  func divided(at count: Int) -> (Acceptance, Acceptance) {
    (Acceptance(texts: Array(texts.prefix(count))), Acceptance(texts: Array(texts.dropFirst(count))))
  }

  /// Observations below which chance may make all of them alike, and an interval of no width.
  private static let leastBlocks = 8

  /// The texts in blocks, as if they were as long as this.
  private func ratio(_ lengths: [Int]) -> BlockedRatio {
    var ratio = BlockedRatio()
    for (text, length) in zip(texts, lengths) { ratio.add(text + Array(repeating: (0, 0), count: length - text.count)) }
    return ratio
  }

  /// Where the difference of the acceptance lengths over texts after the same prompts lies, paired by place; of few texts that is not known.
  static func difference(_ new: Acceptance, _ old: Acceptance) -> Interval {
    let lengths = zip(new.lengths, old.lengths).map { max($0, $1) }
    let (mine, theirs) = (new.ratio(lengths), old.ratio(lengths))
    guard mine.blocks.count >= leastBlocks, let difference = BlockedRatio.difference(mine, theirs) else { return .everything }
    return difference.interval
  }

  /// What decoding without a draft has over as long texts.
  static func withoutDraft(_ lengths: [Int]) -> Acceptance {
    var acceptance = Acceptance()
    acceptance.texts = lengths.map { Array(repeating: (1, 1), count: $0) }
    return acceptance
  }

  /// Decodes prompts greedily.
  /// - Parameter decoded: Told of each prompt that is done.
  static func measure(
    _ draft: DraftModel, of target: TargetModel, on prompts: [[Int]], settings: DecodeSettings, compute: Compute,
    cancellation: Cancellation, decoded: () -> Void = {}
  ) throws -> Acceptance {
    let decoder = try PairDecoder(target: target, draft: draft, compute: compute)
    var acceptance = Acceptance()
    for prompt in prompts {
      try decoder.prepare(prompt: prompt, cancellation: cancellation)
      let run = try decoder.decodeSpeculatively(settings, cancellation: cancellation)
      acceptance.texts.append(CycleRecord.positions(of: run.cycles, promptLength: prompt.count, length: run.ids.count))
      decoded()
    }
    return acceptance
  }
}
