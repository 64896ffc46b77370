internal import Bundles
internal import ByteStorage
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding
internal import Statistics

/// Finds out by experiment why a pair accepts little, or is not its source.
///
/// Every suspect is taken away by itself, and acceptance measured again over the same text. Only what changes more than chance allows for
/// as many experiments is found (`formats/verification.md`, section 6).
struct Diagnostician {
  let packed: PairModels
  /// nil where there is nothing to compare with.
  let source: PairModels?
  /// Whether acceptance is low whatever a source says: then alternatives of the pair itself are tried.
  let triesAlternatives: Bool
  let compute: Compute
  let cancellation: Cancellation
  /// Told of experiments done, and how many there are.
  let onExperiment: (_ done: Int, _ of: Int) -> Void

  /// Tokens of text that an experiment is measured on, and those that show whether one is worth it.
  static let textTokens = 1024
  static let quickTokens = 256
  /// Findings that a report has at most.
  static let findingLimit = 5

  /// What is worth a finding: a share of what the pair accepts, and tokens.
  private static let materialShare = 0.1
  private static let materialTokens = 0.1

  /// - Parameter texts: What the pair decoded, or other text that it may be run over.
  /// - Returns: What helps, the most likely cause first.
  func run(over texts: [[Int]]) throws -> [Experiment] {
    let full = AcceptanceProbe(Diagnostician.cut(texts, to: Diagnostician.textTokens), compute: compute, cancellation: cancellation)
    let base = try full.measure(packed, target: "packed")
    var found = try sourceExperiments(full, base)
    let explained = found.first?.gain?.value ?? 0
    if triesAlternatives, explained < max(0.5, 0.3 * (base.length.value ?? 1)) {
      let quick = AcceptanceProbe(Diagnostician.cut(texts, to: Diagnostician.quickTokens), compute: compute, cancellation: cancellation)
      found = Experiment.ranked(found + (try alternatives(full, quick, base)))
    }
    return Array(found.prefix(Diagnostician.findingLimit))
  }

  /// The first tokens of some texts, in their order.
  private static func cut(_ texts: [[Int]], to limit: Int) -> [[Int]] {
    var left = limit
    return texts.flatMap { Verifier.windows([$0]) }.compactMap { text in
      let part = Array(text.prefix(left))
      left -= part.count
      return part.count > 2 ? part : nil
    }
  }

  /// A pair that cannot be made or decoded tells nothing.
  private func measure(_ make: () throws -> PairModels?, _ probe: AcceptanceProbe, isPackedTarget: Bool) throws -> AcceptanceProbe.Measurement? {
    do {
      return try make().map { try probe.measure($0, target: isPackedTarget ? "packed" : nil) }
    } catch let error as GriffinError where error.kind != .interrupted {
      return nil
    }
  }

  /// Parts of the source in place of the packed pair's, one at a time.
  private func sourceExperiments(_ probe: AcceptanceProbe, _ base: AcceptanceProbe.Measurement) throws -> [Experiment] {
    guard let source else { return [] }
    let suspects = try SourceSuspects(packed: packed, source: source, cancellation: cancellation).all()
    onExperiment(0, suspects.count + 2)
    // What each half would be like as it is in the source.
    let draftReference = try probe.measure(PairModels(target: packed.target, draft: source.draft), target: "packed")
    let targetReference = try probe.measure(PairModels(target: source.target, draft: packed.draft), target: nil)
    var experiments: [Experiment] = []
    for (index, suspect) in suspects.enumerated() {
      try cancellation.check()
      onExperiment(index + 2, suspects.count + 2)
      let isDraft = suspect.half == .draft
      let measured: AcceptanceProbe.Measurement?
      switch (suspect.precision, isDraft) {
      case (.half, true): measured = draftReference
      case (.half, false): measured = targetReference
      default: measured = try measure(suspect.repaired, probe, isPackedTarget: isDraft)
      }
      guard let measured else { continue }
      let (before, after, goal) =
        isDraft ? (base.draft, measured.draft, draftReference.draft) : (base.target, measured.target, targetReference.target)
      experiments.append(
        Experiment(
          suspect: suspect, isOfSource: true, comparisons: suspects.count,
          gain: BlockedRatio.difference(measured.length, base.length, comparisons: suspects.count),
          distances: (AcceptanceProbe.distance(before, goal), AcceptanceProbe.distance(after, goal)), base: base.length.value ?? 1))
    }
    try addSpoiled(&experiments, probe, draftReference)
    return Experiment.ranked(experiments.filter(isMaterial))
  }

  /// Where several things are wrong, taking one away may help nothing: then each is put into the source's draft by itself.
  private func addSpoiled(_ experiments: inout [Experiment], _ probe: AcceptanceProbe, _ reference: AcceptanceProbe.Measurement) throws {
    let drafts = experiments.filter { $0.suspect.half == .draft }
    let parts = drafts.filter { $0.suspect.precision > .half && $0.suspect.spoiled != nil }
    guard let whole = drafts.first(where: { $0.suspect.precision == .half }), parts.count > 1,
      (parts.map(\.value).max() ?? 0) < 0.5 * whole.value
    else { return }
    for index in experiments.indices {
      guard experiments[index].suspect.half == .draft, let make = experiments[index].suspect.spoiled,
        let measured = try measure(make, probe, isPackedTarget: true)
      else { continue }
      let gain = BlockedRatio.difference(reference.length, measured.length, comparisons: experiments[index].comparisons)
      let distances = (AcceptanceProbe.distance(measured.draft, reference.draft), AcceptanceProbe.distance(reference.draft, reference.draft))
      experiments[index].noteSpoiled(gain: gain, distances: distances)
    }
  }

  /// What the pair could be instead.
  private func alternatives(_ probe: AcceptanceProbe, _ quick: AcceptanceProbe, _ base: AcceptanceProbe.Measurement) throws -> [Experiment] {
    guard let draft = packed.draft else { return [] }
    let suspects =
      ConfigurationAlternatives(host: packed.target, guest: draft).all() + TensorAlternatives(host: packed.target, guest: draft).all()
    let quickBase = try quick.measure(packed, target: "packed").length.value ?? 1
    var experiments: [Experiment] = []
    for (index, suspect) in suspects.enumerated() {
      try cancellation.check()
      onExperiment(index, suspects.count)
      let isPacked = suspect.half == .draft
      guard let first = try measure(suspect.repaired, quick, isPackedTarget: isPacked), (first.length.value ?? 1) > quickBase + 0.02,
        let measured = try measure(suspect.repaired, probe, isPackedTarget: isPacked)
      else { continue }
      experiments.append(
        Experiment(
          suspect: suspect, isOfSource: false, comparisons: suspects.count,
          gain: BlockedRatio.difference(measured.length, base.length, comparisons: suspects.count), distances: nil, base: base.length.value ?? 1))
    }
    let material = experiments.filter(isMaterial)
    // What helps a little where something else helps much is no cause.
    let best = material.map(\.value).max() ?? 0
    return material.filter { $0.value >= 0.3 * best }
  }

  private func isMaterial(_ experiment: Experiment) -> Bool {
    let least = max(Diagnostician.materialTokens, Diagnostician.materialShare * experiment.base)
    if let gain = experiment.significantGain, gain >= least { return true }
    return experiment.explains
  }
}
