internal import ByteStorage

/// LLaMA 3.1's scaling (`llama3`): long waves are slowed by the factor, short ones stay, those between are blended.
public struct Llama3Scaling: ScalingRule {
  static let name = "llama3"

  public let factor: Double
  /// A wave of this share of the trained length or longer is slowed in full.
  public let lowFrequencyFactor: Double
  /// A wave of this share of the trained length or shorter stays.
  public let highFrequencyFactor: Double
  public let originalPositions: Int

  init(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalPositions: Int) {
    (self.factor, self.originalPositions) = (factor, originalPositions)
    (self.lowFrequencyFactor, self.highFrequencyFactor) = (lowFrequencyFactor, highFrequencyFactor)
  }

  init(reading parameters: ScalingParameters) throws(GriffinError) {
    factor = try parameters.factor()
    lowFrequencyFactor = try parameters.required("low_freq_factor", in: 1e-6...1e6)
    highFrequencyFactor = try parameters.required("high_freq_factor", in: 1e-6...1e6)
    originalPositions = try parameters.originalPositions()
    guard lowFrequencyFactor < highFrequencyFactor else {
      throw GriffinError(
        .malformed, file: parameters.document.file,
        "rope_scaling: low_freq_factor \(lowFrequencyFactor) is not below high_freq_factor \(highFrequencyFactor)")
    }
  }

  func inverseFrequencies(base: Double, headDimension: Int, position: Int) -> [Float] {
    let length = Float(originalPositions)
    let (low, high, factor) = (Float(lowFrequencyFactor), Float(highFrequencyFactor), Float(factor))
    let longest = Float(Double(originalPositions) / lowFrequencyFactor)
    let shortest = Float(Double(originalPositions) / highFrequencyFactor)
    return RotaryConfiguration.unscaled(base: base, headDimension: headDimension).map { frequency in
      let wave = 2 * Float.pi / frequency
      if wave < shortest { return frequency }
      if wave > longest { return frequency / factor }
      let share = (length / wave - low) / (high - low)
      return (1 - share) * frequency / factor + share * frequency
    }
  }

  var document: JSONObject {
    [
      "rope_type": .string(Llama3Scaling.name), "factor": .number(factor), "low_freq_factor": .number(lowFrequencyFactor),
      "high_freq_factor": .number(highFrequencyFactor), "original_max_position_embeddings": .integer(originalPositions),
    ]
  }
}
