internal import Tensors

/// What the definitions of 256-element blocks share: room for a block's groups, and the packing of codes.
struct SuperBlock {
  static let count = 256

  /// The weight of each element's error.
  var weights = [Float](repeating: 0, count: count)
  /// A code of each element.
  var codes = [UInt8](repeating: 0, count: count)
  /// Of each group: its scale, its minimum (a magnitude), the sum of its weights, and the levels of scale and minimum.
  var scales: [Float], minima: [Float], sums: [Float], scaleLevels: [Float], minimumLevels: [Float]
  let groupSize: Int

  init(groupSize: Int) {
    self.groupSize = groupSize
    let none = [Float](repeating: 0, count: SuperBlock.count / groupSize)
    (scales, minima, sums, scaleLevels, minimumLevels) = (none, none, none, none, none)
  }

  var groups: Range<Int> { 0..<SuperBlock.count / groupSize }

  func range(_ group: Int) -> Range<Int> { group * groupSize..<(group + 1) * groupSize }

  /// Weights from importance, and their sum in each group.
  mutating func weigh(_ x: Span<Float>, importance: Span<Float>, spread: Float) {
    Levels.weigh(x, importance, spread: spread, into: &weights)
    for group in groups {
      sums[group] = 0
      for index in range(group) { sums[group] += weights[index] }
    }
  }

  /// The codes of values, `(value + minimum) / scale` and `zero` added; all zero where the scale is.
  mutating func quantize(
    _ x: Span<Float>, group: Int, scale: Float, minimum: Float, lowest: Float, highest: Float
  ) {
    for index in range(group) {
      codes[index] =
        scale == 0 ? 0 : UInt8(Levels.nearest((x[index] + minimum) / scale, lowest, highest) - lowest)
    }
  }

  /// Two bits of each code, in four planes of 32 a byte, as `q2_k` and `q3_k` have them.
  func storeTwoBits(at offset: Int, into bytes: inout MutableRawSpan) {
    for half in 0..<2 {
      for index in 0..<32 {
        var byte: UInt8 = 0
        for plane in 0..<4 { byte |= (codes[128 * half + 32 * plane + index] & 3) << (2 * plane) }
        bytes.store(byte, at: offset + 32 * half + index)
      }
    }
  }

  /// Four bits of each code, elements 32 apart in a byte, as `q4_k` and `q5_k` have them.
  func storeFourBits(at offset: Int, into bytes: inout MutableRawSpan) {
    for pair in 0..<4 {
      for index in 0..<32 {
        let (low, high) = (codes[64 * pair + index], codes[64 * pair + 32 + index])
        bytes.store(low & 15 | high << 4, at: offset + 32 * pair + index)
      }
    }
  }

  /// One bit of each code, that of group of 32 `n` as bit `n` of 32 bytes.
  func storeBit(_ bit: Int, at offset: Int, into bytes: inout MutableRawSpan) {
    for index in 0..<32 {
      var byte: UInt8 = 0
      for group in 0..<8 { byte |= (codes[32 * group + index] >> bit & 1) << group }
      bytes.store(byte, at: offset + index)
    }
  }
}
