#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import ByteStorage

/// Cosines and sines of rotary position embeddings, computed once per position and kept.
///
/// The angle is `position * inverse frequency` rounded to a float, as PyTorch computes it; cosine
/// and sine are those of that float, rounded once, then multiplied by the attention factor.
public final class RotaryTable: Sendable {
  /// Rotated pairs of a head.
  public let pairs: Int
  /// What cosines and sines are multiplied by: 1 unless the model's scaling type has a factor.
  public let attentionFactor: Float

  private let inverseFrequencies: @Sendable (Int) -> [Float]
  private let cache = Locked(Angles())

  /// Values of positions `0..<count`, a row of `pairs` each.
  struct Angles {
    var count = 0
    var cosines: [Float] = []
    var sines: [Float] = []
  }

  /// - Parameter inverseFrequencies: Radians per position, one for each rotated pair.
  public convenience init(inverseFrequencies: [Float], attentionFactor: Float = 1) {
    self.init(pairs: inverseFrequencies.count, attentionFactor: attentionFactor) { _ in inverseFrequencies }
  }

  /// A table whose frequencies may differ from position to position.
  /// - Parameter inverseFrequencies: `[pairs]` of a position, asked once for each; it depends on the position alone, so
  ///   that a token is rotated the same way wherever it is decoded.
  public init(pairs: Int, attentionFactor: Float = 1, inverseFrequencies: @escaping @Sendable (_ position: Int) -> [Float]) {
    (self.pairs, self.attentionFactor, self.inverseFrequencies) = (pairs, attentionFactor, inverseFrequencies)
  }

  /// Values of at least the positions `0..<count`.
  func angles(count: Int) -> Angles {
    cache.withLock { angles in
      for position in angles.count..<max(count, angles.count) {
        let frequencies = inverseFrequencies(position)
        precondition(frequencies.count == pairs, "a frequency for each pair")
        for frequency in frequencies {
          let angle = Double(Float(position) * frequency)
          angles.cosines.append(Float(cos(angle)) * attentionFactor)
          angles.sines.append(Float(sin(angle)) * attentionFactor)
        }
      }
      angles.count = max(count, angles.count)
      return angles
    }
  }
}
