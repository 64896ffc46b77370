internal import CKernels
internal import Tensors

extension RowEncoder {
  /// 16 groups of 16: a byte each with the levels of scale and minimum, codes of two bits, then both scales of the levels.
  /// - Source: ggml, `quantize_row_q2_K_ref` and `quantize_q2_K`.
  static let q2_k = unsafe RowEncoder(.q2_k, kernel: { unsafe ck_q2_k_encoder($0) }) { values, importance, bytes in
    var block = SuperBlock(groupSize: 16)
    for start in stride(from: 0, to: values.count, by: SuperBlock.count) {
      let x = values.extracting(start..<start + SuperBlock.count)
      let importance = importance?.span.extracting(start..<start + SuperBlock.count)
      if let importance {
        block.weigh(x, importance: importance, spread: Levels.sumOfSquares(x) / Float(SuperBlock.count))
      } else {
        for index in x.indices { block.weights[index] = abs(x[index]) }
      }
      for group in block.groups {
        let fit = AffineScale(
          fitting: x.extracting(block.range(group)), weights: block.weights.span.extracting(block.range(group)), levels: 3,
          trials: importance == nil ? .init(first: -0.5, step: 0.1, count: 16) : .weighted, absolute: importance == nil)
        (block.scales[group], block.minima[group]) = (fit.scale, -fit.minimum)
      }
      let (scale, minimum) = block.fitScales(highest: 15, weighted: importance != nil)
      let offset = start / SuperBlock.count * 84
      for group in block.groups {
        bytes.store(UInt8(block.scaleLevels[group]) | UInt8(block.minimumLevels[group]) << 4, at: offset + group)
        block.quantize(
          x, group: group, scale: scale.value * block.scaleLevels[group],
          minimum: minimum.value * block.minimumLevels[group], lowest: 0, highest: 3)
      }
      block.storeTwoBits(at: offset + 16, into: &bytes)
      bytes.store(scale.bits, at: offset + 80)
      bytes.store(minimum.bits, at: offset + 82)
    }
  }
}
