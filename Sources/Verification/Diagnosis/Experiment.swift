internal import Statistics

/// A suspect, and what taking it away has changed.
struct Experiment {
  let suspect: Suspect
  /// Whether the source's part took its place, and not another guess.
  let isOfSource: Bool
  /// How many experiments there were.
  let comparisons: Int
  /// Tokens a cycle of a chain of draft passes that are gained.
  private(set) var gain: (value: Double, interval: Interval)?
  /// Tokens a cycle as the pair is, likewise.
  let base: Double
  /// How far the half's choices are from the source's, before and after; nil without a source.
  private let distances: (before: Double, after: Double)?
  private let nearing: Interval?
  /// Whether this was measured by putting the suspect into the source's draft.
  private(set) var isSpoiled = false
  private var spoiledDistance = 0.0

  init(
    suspect: Suspect, isOfSource: Bool, comparisons: Int, gain: (value: Double, interval: Interval)?,
    distances: (before: BlockedRatio, after: BlockedRatio)?, base: Double
  ) {
    (self.suspect, self.isOfSource, self.comparisons, self.gain, self.base) = (suspect, isOfSource, comparisons, gain, base)
    self.distances = distances.map { ($0.before.value ?? 0, $0.after.value ?? 0) }
    nearing = distances.flatMap { BlockedRatio.difference($0.before, $0.after, comparisons: comparisons)?.interval }
  }

  /// The gain, where it is more than chance.
  var significantGain: Double? { gain.flatMap { $0.interval.low > 0 ? $0.value : nil } }

  /// The share of the way to the source's choices that is gone; nil where there is none.
  var share: Double? { distances.flatMap { $0.before > 0 ? 1 - $0.after / $0.before : nil } }

  /// How far the choices have come nearer.
  private var nearer: Double { max(0, (distances?.before ?? 0) - (distances?.after ?? 0)) }

  /// Whether the half's choices come nearer to the source's by a good part, beyond chance, or are the source's to the bit. What only rounds
  /// must do so by much.
  var explains: Bool {
    if spoiledDistance > 0.05 { return true }
    guard let distances, distances.before > 0, let share else { return false }
    let isSure = distances.after == 0 || (nearing?.low ?? 0) > 0
    return isSure && share >= 0.25 && (!suspect.kind.hasSuffix("_quantized") || nearer >= 0.05)
  }

  /// What it explains: tokens gained and choices brought nearer.
  var value: Double { max(0, significantGain ?? 0) + max(nearer, spoiledDistance) }

  /// Takes over what the suspect costs the source's draft, where that is more.
  mutating func noteSpoiled(gain other: (value: Double, interval: Interval)?, distances: (before: BlockedRatio, after: BlockedRatio)) {
    guard let other, other.interval.low > 0, other.value > (significantGain ?? 0) else { return }
    (gain, isSpoiled, spoiledDistance) = (other, true, distances.before.value ?? 0)
  }

  /// The most likely cause first; of several about the same tensors or the same part of the configuration the first alone.
  static func ranked(_ experiments: [Experiment]) -> [Experiment] {
    let best = experiments.map(\.value).max() ?? 0
    // Of those that explain as much the most telling counts.
    func rank(_ index: Int) -> (Int, Int, Double) {
      let experiment = experiments[index]
      let isBest = experiment.value >= 0.95 * best
      // What is tried first is more usual.
      return (isBest ? 1 : 0, isBest ? experiment.suspect.precision.rawValue : 0, isBest ? -Double(index) : experiment.value)
    }
    var kept: [Experiment] = []
    for experiment in experiments.indices.sorted(by: { rank($0) > rank($1) }).map({ experiments[$0] }) {
      let suspect = experiment.suspect
      // A half says nothing that its parts have not said, unless it explains far more.
      let isSaid =
        suspect.precision == .half
        ? kept.contains { $0.suspect.half == suspect.half && $0.value >= 0.5 * experiment.value }
        : kept.contains { !$0.suspect.parts.isDisjoint(with: suspect.parts) }
      if !isSaid { kept.append(experiment) }
    }
    return kept
  }

  /// What was measured, in a sentence.
  /// - Parameters:
  ///   - lengths: Tokens a cycle of decoding the prompts, as the pair is and without the suspect.
  ///   - tokens: Of the text.
  func evidence(_ lengths: (before: Double, after: Double?)?, tokens: Int) -> String {
    func number(_ value: Double, _ scale: Double = 100) -> String { "\((value * scale).rounded() / scale)" }
    var parts: [String] = []
    let place = isOfSource ? "with the source's in its place" : "without it"
    if let lengths, let after = lengths.after { parts.append("\(place) acceptance is \(number(after)) tokens a cycle instead of \(number(lengths.before))") }
    if let gain {
      let range = gain.interval.low.isFinite ? " (\(number(gain.interval.low)) to \(number(gain.interval.high)), corrected for \(comparisons) experiments)" : ""
      let way = isSpoiled ? "put into the source's draft it costs \(number(gain.value)) tokens" : "chains of draft passes gain \(number(gain.value)) tokens"
      parts.append("over \(tokens) tokens of text \(way)\(range)")
    }
    if let distances, distances.before > 0 {
      parts.append(
        distances.after == 0
          ? "the \(suspect.half)'s choices are then the source's to the bit"
          : "the \(suspect.half)'s choices come \(number(100 * (share ?? 0), 1)) % of the way to the source's")
    }
    return parts.joined(separator: "; ")
  }
}
