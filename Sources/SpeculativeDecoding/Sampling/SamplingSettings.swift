public import ByteStorage

/// How the next token is drawn from a target's logits: temperature, then top-k, then top-p.
public struct SamplingSettings: Sendable, Hashable {
  /// Logits are divided by it.
  public var temperature: Double
  /// The most likely tokens that are kept; 0 keeps all.
  public var topK: Int
  /// The smallest set of most likely tokens with at least this probability is kept; 1 keeps all.
  public var topP: Double
  /// Where the generator starts (`SplitMix64`).
  public var seed: UInt64

  public init(temperature: Double, topK: Int = 0, topP: Double = 1, seed: UInt64 = 0) {
    (self.temperature, self.topK, self.topP, self.seed) = (temperature, topK, topP, seed)
  }

  /// - Throws: `usage` for values that mean nothing.
  public func validate() throws(GriffinError) {
    guard temperature > 0, temperature <= 100 else {
      throw GriffinError(.usage, "temperature is \(temperature); expected more than 0, at most 100 (0 is greedy decoding)")
    }
    guard topK >= 0 else { throw GriffinError(.usage, "sample top-k is \(topK); expected 0 (all) or more") }
    guard topP > 0, topP <= 1 else { throw GriffinError(.usage, "top-p is \(topP); expected more than 0, at most 1") }
  }
}
