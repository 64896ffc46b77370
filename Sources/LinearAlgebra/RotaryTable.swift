#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Cosines and sines of rotary position embeddings, computed once per position and kept.
///
/// The angle is `position * inverse frequency` rounded to a float, as PyTorch computes it; cosine
/// and sine are those of that float, rounded once, then multiplied by the attention factor.
public final class RotaryTable: Sendable {
  /// Radians per position, one for each rotated pair.
  public let inverseFrequencies: [Float]
  /// What cosines and sines are multiplied by: 1 unless the model's scaling type has a factor.
  public let attentionFactor: Float

  private let cache = Guarded(Angles())

  /// Values of positions `0..<count`, a row of `inverseFrequencies.count` each.
  struct Angles {
    var count = 0
    var cosines: [Float] = []
    var sines: [Float] = []
  }

  public init(inverseFrequencies: [Float], attentionFactor: Float = 1) {
    self.inverseFrequencies = inverseFrequencies
    self.attentionFactor = attentionFactor
  }

  /// Values of at least the positions `0..<count`.
  func angles(count: Int) -> Angles {
    cache.withLock { angles in
      for position in angles.count..<max(count, angles.count) {
        for frequency in inverseFrequencies {
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
