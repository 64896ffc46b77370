package import LinearAlgebra
package import Models

extension RotaryTable {
  /// The table of a model: one set of frequencies, or under `dynamic` scaling one for each position past the trained ones.
  /// - Parameter isReversed: Whether it turns the other way, as gradients do.
  package convenience init(_ configuration: TransformerConfiguration, isReversed: Bool = false) {
    let (rotary, dimension) = (configuration.rotary, configuration.headDimension)
    @Sendable func turned(_ frequencies: [Float]) -> [Float] { isReversed ? frequencies.map { -$0 } : frequencies }
    let fixed = turned(rotary.inverseFrequencies(headDimension: dimension))
    self.init(pairs: fixed.count, attentionFactor: Float(rotary.attentionFactor)) { position in
      guard let limit = rotary.fixedPositions, position >= limit else { return fixed }
      return turned(rotary.inverseFrequencies(headDimension: dimension, position: position))
    }
  }
}
