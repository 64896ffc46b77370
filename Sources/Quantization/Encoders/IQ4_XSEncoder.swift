internal import CKernels
internal import Tensors

extension RowEncoder {
  /// Eight groups of 32: the scale of the levels, the high two bits of signed levels, their low four, then codes as in
  /// `iq4_nl`.
  /// - Source: ggml, `quantize_iq4_xs`.
  static let iq4_xs = unsafe RowEncoder(.iq4_xs, kernel: { unsafe ck_iq4_xs_encoder($0) }) { values, importance, bytes in
    var block = SuperBlock(groupSize: 32)
    for start in stride(from: 0, to: values.count, by: SuperBlock.count) {
      let x = values.extracting(start..<start + SuperBlock.count)
      let importance = importance?.span.extracting(start..<start + SuperBlock.count)
      let spread = Levels.sumOfSquares(x) * (2 / Float(SuperBlock.count))
      UnequalSteps.weigh(x, importance, spread: spread, into: &block.weights)
      for group in block.groups {
        let scale = UnequalSteps.scale(
          fitting: x.extracting(block.range(group)), weights: block.weights.span.extracting(block.range(group))
        )
        block.scales[group] = scale
      }
      let scale = -Levels.extreme(block.scales.span).value / 32
      let inverse = Levels.inverse(scale)
      let offset = start / SuperBlock.count * 136
      bytes.store(Levels.stored(scale).bits, at: offset)
      var high: UInt16 = 0
      var low = [UInt8](repeating: 0, count: 8)
      for group in block.groups {
        let level = Levels.nearest(inverse * block.scales[group], -32, 31)
        let groupInverse = Levels.inverse(scale * level)
        let bits = UInt8(level + 32)
        low[group] = bits & 15
        high |= UInt16(bits >> 4) << (2 * group)
        for index in 0..<16 {
          let (first, second) = (32 * group + index, 32 * group + 16 + index)
          let codes = UnequalSteps.nearest(groupInverse * x[first]) | UnequalSteps.nearest(groupInverse * x[second]) << 4
          bytes.store(UInt8(codes), at: offset + 8 + 16 * group + index)
        }
      }
      bytes.store(high, at: offset + 2)
      for pair in 0..<4 { bytes.store(low[2 * pair] | low[2 * pair + 1] << 4, at: offset + 4 + pair) }
    }
  }
}
