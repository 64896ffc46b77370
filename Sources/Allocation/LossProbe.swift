internal import ByteStorage
internal import Conversion
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding
internal import Tensors
internal import Verification

/// Measures on a sample of text what is lost where some matrices are stored in other types.
///
/// Groups are tried in the order of a pass: the sample stands before the layer that is tried, so that the layers before it are run once
/// for all of them.
final class LossProbe {
  /// Encoded tensors by their role.
  typealias Replacements = [TensorRole: Replacement]

  private let target: TargetModel
  private let draft: DraftModel?
  private let compute: Compute
  private let cancellation: Cancellation
  private let taps: [Int]
  /// The pair as it is.
  private let decoder: TargetDecoder
  private let pair: PairDecoder
  private let texts: [[Int]]
  /// The sample behind the last layer, and what a draft reads of it.
  private let finished: [TextStates]
  private let readings: [TextReading]
  /// The sample before the layer that is tried.
  private var waiting: [TextStates]

  /// Runs the pair as it is over the sample.
  /// - Throws: What the sources throw, and `interrupted`.
  init(target: TargetModel, draft: DraftModel?, texts: [[Int]], compute: Compute, cancellation: Cancellation) throws {
    (self.target, self.draft, self.compute, self.cancellation) = (target, draft, compute, cancellation)
    self.texts = texts
    taps = try draft?.configuration.eagle3?.tappedLayers(ofTarget: target.configuration.layerCount) ?? []
    decoder = try TargetDecoder(target, compute: compute, taps: taps)
    pair = try PairDecoder(target: target, draft: draft, compute: compute)
    let begun = try texts.map { [decoder] in try decoder.begin($0) }
    waiting = begun.map { $0.copy(compute: compute) }
    for text in begun {
      try cancellation.check()
      try decoder.advance(text)
    }
    finished = begun
    readings = draft == nil ? [] : try begun.map { [decoder] in try decoder.reading(of: $0) }
  }

  var tokenCount: Int { texts.reduce(0) { $0 + $1.count } }

  /// Seconds that a pass over the sample will take, by one layer and the head on its first text.
  /// - Throws: What the sources throw.
  static func secondsOfAPass(_ target: TargetModel, texts: [[Int]], compute: Compute) throws -> Double {
    guard let first = texts.first else { return 0 }
    let decoder = try TargetDecoder(target, compute: compute)
    let layers = target.configuration.layerCount
    var features = Activations(columns: target.configuration.hiddenSize)
    // The first layer brings threads and buffers up.
    _ = try decoder.seconds(of: first, isPrefill: true, throughLayer: 0, features: &features)
    let layer = try decoder.seconds(of: first, isPrefill: true, throughLayer: min(1, layers - 1), features: &features)
    var part = Activations(columns: target.configuration.hiddenSize)
    var logits = Activations(columns: target.configuration.vocabularySize)
    let rows = min(TargetDecoder.rowsAtATime, first.count)
    compute.copyRows(Array(0..<rows), of: features, into: &part)
    let start = ContinuousClock.now
    try decoder.logits(part, into: &logits)
    let head = start.secondsSince * Double(first.count) / Double(rows)
    let tokens = texts.reduce(0) { $0 + $1.count }
    return (layer * Double(layers) + head) * Double(tokens) / Double(first.count)
  }

  // MARK: One group alone

  /// What the target loses with a group's matrices replaced: mean KL from its own distributions, in nats a token.
  /// - Precondition: Groups come in the order of a pass.
  func targetLoss(_ replacements: Replacements, at stage: AllocationGroup.Stage) throws -> Double {
    let altered = try TargetDecoder(target.altered(nil, replacements), compute: compute)
    var texts: [TextStates]
    switch stage {
    case .embedding: texts = try self.texts.map { try altered.begin($0) }
    case .head: return try divergence(of: finished, altered)
    case .layer(let layer):
      try goTo(layer)
      texts = waiting.map { $0.copy(compute: compute) }
    case .draft: preconditionFailure("a draft's matrices are not the target's")
    }
    for text in texts {
      try cancellation.check()
      try altered.advance(text)
    }
    return try divergence(of: texts, altered)
  }

  /// What a draft loses with a group's matrices replaced: mean KL of its predictions from its own, and the tokens a chain of its passes adds.
  func draftLoss(_ replacements: Replacements) throws -> (divergence: Double, acceptance: Double) {
    guard let draft else { preconditionFailure("there is no draft") }
    let altered = try PairDecoder(target: target, draft: draft.altered(nil, replacements), compute: compute)
    return (try divergence(altered, readings: readings), try acceptance(altered, readings))
  }

  /// Tokens a chain of passes of the draft adds to the target's own, as the pair is; nil without a draft.
  func acceptance() throws -> Double? { draft == nil ? nil : try acceptance(pair, readings) }

  private func goTo(_ layer: Int) throws {
    for text in waiting where text.nextLayer < layer { try decoder.advance(text, to: layer) }
  }

  // MARK: All groups together

  /// What a whole choice loses.
  struct Whole: Sendable, Hashable {
    /// Mean KL of the target, in nats a token.
    let divergence: Double
    /// The share of positions at which the target chooses the same token.
    let agreement: Double
    /// Tokens that a chain of draft passes adds; nil without a draft.
    let acceptance: Double?
  }

  /// Runs the pair with every group replaced. Only one layer's matrices are held at a time.
  /// - Parameter encode: The replacements for the groups of a stage.
  func whole(_ encode: (AllocationGroup.Stage) throws -> Replacements) throws -> Whole {
    var replacements = try encode(.embedding)
    var texts = try {
      let first = try TargetDecoder(target.altered(nil, replacements), compute: compute, taps: taps)
      return try self.texts.map { try first.begin($0) }
    }()
    // An embedding that is the head too is needed at the end, and for drafts.
    let embedding = replacements
    for layer in 0..<target.configuration.layerCount {
      try cancellation.check()
      replacements = try encode(.layer(layer))
      let altered = try TargetDecoder(target.altered(nil, replacements), compute: compute, taps: taps)
      for text in texts { try altered.advance(text, to: layer + 1) }
    }
    replacements = try encode(.head).merging(embedding) { head, _ in head }
    let last = try target.altered(nil, replacements)
    let altered = try TargetDecoder(last, compute: compute, taps: taps)
    for text in texts { try altered.advance(text) }
    let comparison = try compare(texts, altered)
    var acceptance: Double?
    if let draft {
      let read = try texts.map { try altered.reading(of: $0) }
      texts = []
      let pair = try PairDecoder(target: last, draft: draft.altered(nil, encode(.draft)), compute: compute)
      acceptance = try self.acceptance(pair, read)
    }
    return Whole(divergence: comparison.divergence, agreement: comparison.agreement, acceptance: acceptance)
  }

  // MARK: Comparing

  private func divergence(of texts: [TextStates], _ altered: TargetDecoder) throws -> Double { try compare(texts, altered).divergence }

  private func compare(_ texts: [TextStates], _ altered: TargetDecoder) throws -> (divergence: Double, agreement: Double) {
    var sums = ComparisonSums()
    var logits = Activations(columns: target.configuration.vocabularySize)
    var own = Activations(columns: target.configuration.vocabularySize)
    for (text, original) in zip(texts, finished) {
      for start in stride(from: 0, to: text.tokens.count, by: TargetDecoder.rowsAtATime) {
        try cancellation.check()
        let range = start..<min(start + TargetDecoder.rowsAtATime, text.tokens.count)
        try altered.logits(text, range, into: &logits)
        try decoder.logits(original, range, into: &own)
        sums.add(logits, own, compute)
      }
    }
    return (sums.divergence, sums.agreement)
  }

  private func divergence(_ altered: PairDecoder, readings: [TextReading]) throws -> Double {
    var sums = ComparisonSums()
    var logits = Activations(columns: pair.draftVocabularySize)
    var own = Activations(columns: pair.draftVocabularySize)
    for text in readings where text.tokens.count > 1 {
      for start in stride(from: 0, to: text.tokens.count - 1, by: TargetDecoder.rowsAtATime) {
        try cancellation.check()
        let range = start..<min(start + TargetDecoder.rowsAtATime, text.tokens.count - 1)
        try altered.predict(text, pairs: range, into: &logits)
        try pair.predict(text, pairs: range, into: &own)
        sums.add(logits, own, compute)
      }
    }
    return sums.divergence
  }

  private func acceptance(_ pair: PairDecoder, _ readings: [TextReading]) throws -> Double {
    var (added, chains) = (0, 0)
    for text in readings where text.tokens.count > 2 {
      for length in try pair.following(text, cancellation: cancellation).lengths {
        guard let length else { continue }
        added += length
        chains += 1
      }
    }
    return chains == 0 ? 0 : Double(added) / Double(chains)
  }
}

/// Sums of comparisons in their order, whatever the number of threads.
private struct ComparisonSums {
  private var (divergences, agreements, count) = (0.0, 0, 0)

  mutating func add(_ logits: borrowing Activations, _ own: borrowing Activations, _ compute: Compute) {
    let rows = (0..<logits.tokens).map { (logits.values(ofRow: $0), own.values(ofRow: $0)) }
    let results = Locked([DistributionComparison?](repeating: nil, count: rows.count))
    compute.pool.forEach(rows.count) { row in
      let (mine, original) = rows[row]
      let comparison = DistributionComparison(mine.span, with: original.span)
      results.withLock { $0[row] = comparison }
    }
    for case let comparison? in results.withLock({ $0 }) {
      divergences += comparison.divergence
      agreements += comparison.agrees ? 1 : 0
      count += 1
    }
  }

  var divergence: Double { count == 0 ? 0 : divergences / Double(count) }
  var agreement: Double { count == 0 ? 1 : Double(agreements) / Double(count) }
}
