/// What a search found for the values that share a scale.
struct PointGroup {
  /// The codes of its points; zeros where the group is zero.
  var codes: [Int]
  /// The signs of each eight values, where the codebook has magnitudes.
  var signs: [UInt8] = []
  /// Whether a point's digits are moved down, where it has digits.
  var isDown: [Bool] = []
  /// Zero where the group is.
  var scale: Float = 0
}

extension [PointGroup] {
  /// The largest scale.
  var largestScale: Float { reduce(0) { $0 > $1.scale ? $0 : $1.scale } }
}
