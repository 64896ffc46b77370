internal import CKernels
internal import Tensors

extension RowEncoder {
  /// 16 groups of 16: third bits of the codes, their low two, 12 bytes of signed levels of the scales, the scale of those.
  /// - Source: ggml, `quantize_row_q3_K_ref` and `quantize_q3_K`.
  static let q3_k = unsafe RowEncoder(.q3_k, kernel: { unsafe ck_q3_k_encoder($0) }) { values, importance, bytes in
    var block = SuperBlock(groupSize: 16)
    var scratch = [Float](repeating: 0, count: 16)
    for start in stride(from: 0, to: values.count, by: SuperBlock.count) {
      let x = values.extracting(start..<start + SuperBlock.count)
      let inverse: Float
      let scale: (bits: UInt16, value: Float)
      if let importance = importance?.span.extracting(start..<start + SuperBlock.count) {
        block.weigh(x, importance: importance, spread: 2 * Levels.sumOfSquares(x) / Float(SuperBlock.count))
        for group in block.groups {
          let scale = SignedScale(
            fitting: x.extracting(block.range(group)), weights: block.weights.span.extracting(block.range(group)), levels: 4
          ).scale
          block.scales[group] = scale
        }
        let fit = SignedScale(fitting: block.scales.span, weights: block.sums.span, levels: 32)
        (inverse, scale) = (fit.inverse, Levels.stored(fit.scale))
      } else {
        for group in block.groups {
          let scale = SignedScale.descended(x.extracting(block.range(group)), levels: 4, scratch: &scratch)
          block.scales[group] = scale
        }
        let extreme = Levels.extreme(block.scales.span)
        inverse = extreme.largest >= Levels.smallest ? -32 / extreme.value : 0
        scale = Levels.stored(extreme.largest >= Levels.smallest ? 1 / inverse : 0)
      }
      let offset = start / SuperBlock.count * 110
      var levels = [UInt8](repeating: 0, count: 16)
      for group in block.groups {
        let level = Levels.nearest(inverse * block.scales[group], -32, 31)
        levels[group] = scale.value == 0 ? 0 : UInt8(level + 32)
        block.quantize(x, group: group, scale: scale.value * level, minimum: 0, lowest: -4, highest: 3)
      }
      block.storeBit(2, at: offset, into: &bytes)
      block.storeTwoBits(at: offset + 32, into: &bytes)
      for index in 0..<8 { bytes.store(levels[index] & 15 | levels[index + 8] << 4, at: offset + 96 + index) }
      for index in 0..<4 {
        var high: UInt8 = 0
        for plane in 0..<4 { high |= (levels[4 * plane + index] >> 4) << (2 * plane) }
        bytes.store(high, at: offset + 104 + index)
      }
      bytes.store(scale.bits, at: offset + 108)
    }
  }
}
