/// What the two types of plain ternary digits share.
enum TernaryDigits {
  /// The digits of a block, 0 to 2, and the largest magnitude, which is the scale: the nearest of -1, 0 and 1 to each value over
  /// it, halves away from zero. Of values that are all zero, or nearly, every digit stands for zero.
  static func of(_ x: Span<Float>) -> (digits: [UInt8], scale: Float) {
    let scale = Levels.extreme(x).largest
    let reciprocal = 1 / scale
    let inverse = reciprocal.isFinite ? reciprocal : 0
    return (x.indices.map { x[$0] * inverse >= 0.5 ? 2 : x[$0] * inverse <= -0.5 ? 0 : 1 }, scale)
  }
}
