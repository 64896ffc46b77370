internal import ByteStorage

/// NTK-aware scaling that grows with the text (`dynamic`): beyond the positions that the model was trained for, the base
/// becomes `base * (factor * length / trained - (factor - 1)) ^ (d / (d - 2))`.
///
/// `length` counts the text up to and including the token, so a token's frequencies depend on its own position alone. So
/// does Hugging Face's decoding of a token a pass, where keys stay in the cache as they were rotated; only a prompt
/// longer than `max_position_embeddings`, which it rotates by the length of the whole prompt, comes out differently there.
public struct DynamicScaling: ScalingRule {
  static let name = "dynamic"

  public let factor: Double
  /// `max_position_embeddings`: up to this length nothing is scaled.
  public let originalPositions: Int

  init(reading parameters: ScalingParameters) throws(GriffinError) {
    factor = try parameters.factor()
    guard let positions = parameters.maximumPositions else {
      throw GriffinError(
        .malformed, file: parameters.document.file,
        "max_position_embeddings is missing; rope_scaling of type dynamic needs it")
    }
    originalPositions = positions
  }

  func inverseFrequencies(base: Double, headDimension: Int, position: Int) -> [Float] {
    let ratio = Double(max(position + 1, originalPositions)) / Double(originalPositions)
    let growth = factor * ratio - (factor - 1)
    // Two dimensions have one frequency, which no base changes.
    let exponent = headDimension > 2 ? Double(headDimension) / Double(headDimension - 2) : 0
    return RotaryConfiguration.unscaled(base: base * power(growth, exponent), headDimension: headDimension)
  }

  /// `originalPositions` is the configuration's own `max_position_embeddings`.
  var document: JSONObject { ["rope_type": .string(DynamicScaling.name), "factor": .number(factor)] }
}
