public import ByteStorage
internal import Statistics
public import Tensors

/// How far a packed pair may be from its source. Defaults go by the coarsest type that either half is stored in.
public struct FidelityTolerances: Sendable, Hashable {
  /// The largest mean Kullback-Leibler divergence, in nats.
  public var klMean: Double
  /// The largest 99th percentile of the divergences.
  public var klP99 = Double.infinity
  /// The largest divergence.
  public var klMaximum = Double.infinity
  /// The least share of positions with the same best token.
  public var top1Agreement: Double
  /// The largest ratio of perplexities, packed over source.
  public var perplexity: Double
  /// The least ratio of acceptance lengths, packed over source.
  public var acceptanceLength: Double
  /// The largest increase of the misaligned-token rate of the first pass.
  public var misalignedTokenRate: Double
  /// Whether both must compute the same bits, trees and their scores included.
  public var demandsEqualBits = false

  /// Nothing was converted, so nothing may differ.
  public static let exact: FidelityTolerances = {
    var exact = FidelityTolerances(klMean: 0, top1Agreement: 1, perplexity: 1, acceptanceLength: 1, misalignedTokenRate: 0)
    exact.klMaximum = 0
    exact.demandsEqualBits = true
    return exact
  }()

  init(klMean: Double, top1Agreement: Double, perplexity: Double, acceptanceLength: Double, misalignedTokenRate: Double) {
    (self.klMean, self.top1Agreement, self.perplexity) = (klMean, top1Agreement, perplexity)
    (self.acceptanceLength, self.misalignedTokenRate) = (acceptanceLength, misalignedTokenRate)
  }

  /// The defaults by storage type, finest first; the last row is for everything coarser.
  private static let rows: [(types: Set<ElementType>, tolerances: FidelityTolerances)] = [
    ([.f64, .f32, .f16, .bf16], row(0.002, 0.985, 1.01, 0.96, 0.02)),
    ([.q8_0], row(0.005, 0.98, 1.01, 0.95, 0.02)),
    ([.q6_k], row(0.02, 0.96, 1.02, 0.93, 0.03)),
    ([.q5_0, .q5_1, .q5_k], row(0.05, 0.94, 1.04, 0.90, 0.04)),
    ([.q4_0, .q4_1, .q4_k, .iq4_nl, .iq4_xs, .mxfp4], row(0.15, 0.88, 1.12, 0.85, 0.06)),
    ([.q3_k, .iq3_s, .iq3_xxs], row(0.5, 0.75, 1.4, 0.7, 0.12)),
    ([], row(2.0, 0.5, 3.0, 0.5, 0.3)),
  ]

  private static func row(_ kl: Double, _ top1: Double, _ perplexity: Double, _ acceptance: Double, _ misaligned: Double) -> FidelityTolerances {
    FidelityTolerances(
      klMean: kl, top1Agreement: top1, perplexity: perplexity, acceptanceLength: acceptance, misalignedTokenRate: misaligned)
  }

  /// The defaults where the packed pair holds these types that its source does not.
  /// - Parameter types: Of tensors that were converted; empty where none was.
  public init(converted types: Set<ElementType>) {
    guard !types.isEmpty else {
      self = .exact
      return
    }
    let ranks = types.map { type in FidelityTolerances.rows.firstIndex { $0.types.contains(type) } ?? FidelityTolerances.rows.count - 1 }
    self = FidelityTolerances.rows[ranks.max() ?? 0].tolerances
  }

  /// The names that `set` knows.
  public static let names = [
    "kl_mean", "kl_p99", "kl_max", "top1_agreement", "perplexity", "acceptance_length", "misaligned_token_rate",
  ]

  /// Replaces one tolerance, as `kl_mean=0.01` says.
  /// - Throws: `usage` for another name, or a value that is no number.
  public mutating func set(parsing text: String) throws(GriffinError) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let value = Double(parts[1]), value >= 0 else {
      throw GriffinError(.usage, "--tolerance \(text.shortened(to: 40)): expected NAME=VALUE with a number that is not negative")
    }
    demandsEqualBits = false
    switch parts[0] {
    case "kl_mean": klMean = value
    case "kl_p99": klP99 = value
    case "kl_max": klMaximum = value
    case "top1_agreement": top1Agreement = value
    case "perplexity": perplexity = value
    case "acceptance_length": acceptanceLength = value
    case "misaligned_token_rate": misalignedTokenRate = value
    default:
      throw GriffinError(
        .usage, "--tolerance: unknown name \"\(parts[0].shortened(to: 40))\"",
        hints: ["names: \(FidelityTolerances.names.joined(separator: ", "))"])
    }
  }

  /// What is judged of a comparison, each with its interval; without one, and where equal bits are demanded, by its value.
  func judgements(_ fidelity: Fidelity, misalignedTokenRate rates: [Double]) -> [Judgement] {
    var judgements: [Judgement] = []
    func judge(_ name: String, _ value: Double?, _ limit: Double, isUpper: Bool = true) {
      guard let value, limit.isFinite else { return }
      let known = demandsEqualBits ? nil : fidelity.intervals[name]
      judgements.append(Judgement(name: name, value: value, interval: known ?? Interval(exactly: value), limit: limit, isUpperLimit: isUpper))
    }
    judge("kl_mean", fidelity.klMean, klMean)
    judge("kl_p99", fidelity.klP99, klP99)
    judge("kl_max", fidelity.klMaximum, klMaximum)
    judge("top1_agreement", fidelity.top1Agreement, top1Agreement, isUpper: false)
    judge("perplexity", ratio(fidelity.perplexity, fidelity.perplexitySource), perplexity)
    judge("acceptance_length", ratio(fidelity.acceptanceLength, fidelity.acceptanceLengthSource), acceptanceLength, isUpper: false)
    if let mine = rates.first, let theirs = fidelity.misalignedTokenRateSource.first {
      judge("misaligned_token_rate", mine - theirs, misalignedTokenRate)
    }
    return judgements
  }

  /// What else has to be equal where nothing was converted, in words; empty where it is.
  func differences(_ fidelity: Fidelity, misalignedTokenRate rates: [Double]) -> [String] {
    guard demandsEqualBits else { return [] }
    var differences: [String] = []
    if fidelity.drawsTheSameTrees == false { differences.append("the draft's trees or scores differ, though no tensor was converted") }
    if rates != fidelity.misalignedTokenRateSource { differences.append("misaligned-token rates differ, though no tensor was converted") }
    return differences
  }

  private func ratio(_ mine: Double?, _ other: Double?) -> Double? {
    guard let mine, let other, other > 0 else { return nil }
    return mine / other
  }
}
