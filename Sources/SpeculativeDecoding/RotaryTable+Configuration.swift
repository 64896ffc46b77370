internal import LinearAlgebra
internal import Models

extension RotaryTable {
  /// The table of a model: one set of frequencies, or under `dynamic` scaling one for each position past the trained ones.
  convenience init(_ configuration: TransformerConfiguration) {
    let (rotary, dimension) = (configuration.rotary, configuration.headDimension)
    let fixed = rotary.inverseFrequencies(headDimension: dimension)
    self.init(pairs: fixed.count, attentionFactor: Float(rotary.attentionFactor)) { position in
      guard let limit = rotary.fixedPositions, position >= limit else { return fixed }
      return rotary.inverseFrequencies(headDimension: dimension, position: position)
    }
  }
}
