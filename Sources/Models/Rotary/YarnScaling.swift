internal import ByteStorage

/// YaRN (arXiv 2309.00071, `yarn`): a ramp over the pairs between scaled and unscaled frequencies, and a factor on
/// cosines and sines.
public struct YarnScaling: ScalingRule {
  static let name = "yarn"

  public let factor: Double
  /// On cosines and sines; where the file is silent it follows from `factor`, or from `mscale` and `mscale_all_dim`.
  public let attentionFactor: Double
  /// Turns over the trained length from which a frequency stays.
  public let betaFast: Double
  /// Turns over the trained length up to which a frequency is scaled in full.
  public let betaSlow: Double
  public let originalPositions: Int
  /// Whether the ramp begins and ends at whole pairs.
  public let truncates: Bool

  init(reading parameters: ScalingParameters) throws(GriffinError) {
    let document = parameters.document
    let original = try parameters.originalPositions()
    let factor = try document.value("factor") == nil ? parameters.growth(over: original) : parameters.factor()
    let positive = 1e-6...1e6
    if let stated = try document.double("attention_factor", in: positive) {
      attentionFactor = stated
    } else if let scale = try document.double("mscale", in: 0...1e6), scale != 0,
      let all = try document.double("mscale_all_dim", in: 0...1e6), all != 0
    {
      attentionFactor = YarnScaling.magnitude(factor, scale) / YarnScaling.magnitude(factor, all)
    } else {
      attentionFactor = YarnScaling.magnitude(factor, 1)
    }
    self.factor = factor
    betaFast = try document.double("beta_fast", in: positive) ?? 32
    betaSlow = try document.double("beta_slow", in: positive) ?? 1
    originalPositions = original
    truncates = try document.bool("truncate") ?? true
  }

  /// Whether the attention factor is the one that follows from `factor` alone.
  package var hasDefaultAttentionFactor: Bool { abs(attentionFactor - YarnScaling.magnitude(factor, 1)) <= 1e-6 * attentionFactor }

  private static func magnitude(_ factor: Double, _ scale: Double) -> Double {
    factor <= 1 ? 1 : 0.1 * scale * logarithm(factor) + 1
  }

  func inverseFrequencies(base: Double, headDimension: Int, position: Int) -> [Float] {
    /// The dimension whose frequency turns so many times over the trained length.
    func dimension(turns: Double) -> Double {
      Double(headDimension) * logarithm(Double(originalPositions) / (turns * 2 * .pi)) / (2 * logarithm(base))
    }
    var (low, high) = (dimension(turns: betaFast), dimension(turns: betaSlow))
    if truncates { (low, high) = (low.rounded(.down), high.rounded(.up)) }
    (low, high) = (max(low, 0), min(high, Double(headDimension - 1)))
    if low == high { high += 0.001 }
    return (0..<headDimension / 2).map { pair in
      let power = Float(Models.power(base, Double(Float(2 * pair) / Float(headDimension))))
      let (unscaled, scaled) = (1 / power, 1 / (Float(factor) * power))
      let ramp = min(max((Float(pair) - Float(low)) / Float(high - low), 0), 1)
      let share = 1 - ramp
      return scaled * (1 - share) + unscaled * share
    }
  }

  var document: JSONObject {
    [
      "rope_type": .string(YarnScaling.name), "factor": .number(factor), "attention_factor": .number(attentionFactor),
      "beta_fast": .number(betaFast), "beta_slow": .number(betaSlow),
      "original_max_position_embeddings": .integer(originalPositions), "truncate": .bool(truncates),
    ]
  }
}
