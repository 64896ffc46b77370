internal import ByteStorage

/// Positions shrunk by a factor (`linear`): every frequency is divided by it.
public struct LinearScaling: ScalingRule {
  static let name = "linear"

  public let factor: Double

  init(reading parameters: ScalingParameters) throws(GriffinError) { factor = try parameters.factor() }

  func inverseFrequencies(base: Double, headDimension: Int, position: Int) -> [Float] {
    RotaryConfiguration.unscaled(base: base, headDimension: headDimension).map { $0 / Float(factor) }
  }

  var document: JSONObject { ["rope_type": .string(LinearScaling.name), "factor": .number(factor)] }
}
