extension Levels {
  /// The nearest whole number, ties to even, by the bits of a sum: what is no number, or far beyond, comes out as in ggml.
  static func whole(_ value: Float) -> Int {
    Int((value + 12_582_912).bitPattern & 0x7F_FFFF) - 0x40_0000
  }

  /// The level of a value, where level `n` stands for `2 n + 1`.
  static func odd(_ value: Float, highest: Int) -> Int { min(highest, max(0, whole(0.5 * (value - 1)))) }
}
