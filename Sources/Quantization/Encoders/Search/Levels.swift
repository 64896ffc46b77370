internal import Tensors

/// What the searches for scales share.
///
/// The searches are those of ggml (`ggml-quants.c`, the functions behind `ggml_quantize_chunk`), operation by operation, so
/// that ordinary rows get the bytes that llama-quantize gives them. Where ggml divides by almost nothing, the definitions
/// here store zeros instead.
enum Levels {
  /// Groups whose largest magnitude or range is smaller are all zero: no half is that small.
  static let smallest: Float = 1e-15

  /// The nearest whole level, ties to even, within bounds.
  static func nearest(_ value: Float, _ lowest: Float, _ highest: Float) -> Float {
    let level = value.rounded(.toNearestOrEven)
    // A comparison that is false for a NaN leaves it, so the second one is written to catch it.
    let atMost = level < highest ? level : highest
    return atMost > lowest ? atMost : lowest
  }

  /// A scale as it will be read back, and its bits.
  static func stored(_ scale: Float) -> (bits: UInt16, value: Float) {
    let limited: Float = scale > -65504 ? (scale < 65504 ? scale : 65504) : -65504
    let bits = limited.halfBits
    return (bits, Float(halfBits: bits))
  }

  /// The reciprocal, or zero where it would not be finite.
  static func inverse(_ scale: Float) -> Float { abs(scale) >= .leastNormalMagnitude ? 1 / scale : 0 }

  /// The largest magnitude, and the first value that has it.
  static func extreme(_ x: Span<Float>) -> (largest: Float, value: Float) {
    var (largest, value): (Float, Float) = (0, 0)
    for index in x.indices where abs(x[index]) > largest { (largest, value) = (abs(x[index]), x[index]) }
    return (largest, value)
  }

  /// The sum of squares in ascending order.
  static func sumOfSquares(_ x: Span<Float>) -> Float {
    var sum: Float = 0
    for index in x.indices { sum += x[index] * x[index] }
    return sum
  }

  /// What an error counts where columns have importance: more for larger values, though less than in proportion.
  static func weigh(_ x: Span<Float>, _ importance: Span<Float>, spread: Float, into weights: inout [Float]) {
    for index in x.indices { weights[index] = importance[index] * (spread + x[index] * x[index]).squareRoot() }
  }
}
