internal import Tensors

extension SuperBlock {
  /// The levels of the groups' scales and minima, and what a level is worth in each.
  ///
  /// Without importance the largest gets the highest level; with it, levels are fitted.
  mutating func fitScales(
    highest: Float, weighted: Bool
  ) -> (scale: (bits: UInt16, value: Float), minimum: (bits: UInt16, value: Float)) {
    guard !weighted else {
      let (scales, minima, sums) = (scales, minima, sums)
      let scale = PositiveScale.fit(scales.span, weights: sums.span, highest: highest, levels: &scaleLevels)
      let minimum = PositiveScale.fit(minima.span, weights: sums.span, highest: highest, levels: &minimumLevels)
      return (Levels.stored(scale), Levels.stored(minimum))
    }
    return (
      SuperBlock.spread(scales, highest: highest, levels: &scaleLevels),
      SuperBlock.spread(minima, highest: highest, levels: &minimumLevels)
    )
  }

  private static func spread(
    _ values: [Float], highest: Float, levels: inout [Float]
  ) -> (bits: UInt16, value: Float) {
    var largest: Float = 0
    for value in values where value > largest { largest = value }
    let inverse = largest >= Levels.smallest ? highest / largest : 0
    for index in values.indices { levels[index] = Levels.nearest(inverse * values[index], 0, highest) }
    return Levels.stored(largest / highest)
  }

  /// `q4_k` and `q5_k`: eight groups of 32; both scales of the levels, 12 bytes of levels, fifth bits, the low four.
  /// - Source: ggml, `quantize_row_q4_K_ref`, `quantize_row_q5_K_ref` and `quantize_q4_K`, `quantize_q5_K`.
  static func encodeAffine(
    _ values: Span<Float>, _ importance: [Float]?, bits: Int, trials: AffineScale.Trials, into bytes: inout MutableRawSpan
  ) {
    let highest = Float(1 << bits - 1)
    var block = SuperBlock(groupSize: 32)
    for start in stride(from: 0, to: values.count, by: count) {
      let x = values.extracting(start..<start + count)
      let importance = importance?.span.extracting(start..<start + count)
      if let importance {
        block.weigh(x, importance: importance, spread: 2 * Levels.sumOfSquares(x) / Float(count))
      }
      for group in block.groups {
        let range = block.range(group)
        if importance == nil {
          let typical = (Levels.sumOfSquares(x.extracting(range)) / 32).squareRoot()
          for index in range { block.weights[index] = typical + abs(x[index]) }
        }
        let fit = AffineScale(
          fitting: x.extracting(range), weights: block.weights.span.extracting(range), levels: highest,
          trials: importance == nil ? trials : .weighted)
        (block.scales[group], block.minima[group]) = (fit.scale, -fit.minimum)
      }
      let (scale, minimum) = block.fitScales(highest: 63, weighted: importance != nil)
      var offset = start / count * (16 + 32 * bits)
      bytes.store(scale.bits, at: offset)
      bytes.store(minimum.bits, at: offset + 2)
      for group in block.groups {
        block.quantize(
          x, group: group, scale: scale.value * block.scaleLevels[group],
          minimum: minimum.value * block.minimumLevels[group], lowest: 0, highest: highest)
      }
      block.storeLevels(at: offset + 4, into: &bytes)
      offset += 16
      if bits == 5 {
        block.storeBit(4, at: offset, into: &bytes)
        offset += 32
      }
      block.storeFourBits(at: offset, into: &bytes)
    }
  }

  /// Eight pairs of six-bit levels: those of the first four groups whole, with the high bits of the others above them.
  private func storeLevels(at offset: Int, into bytes: inout MutableRawSpan) {
    for group in 0..<4 {
      let (scale, minimum) = (UInt8(scaleLevels[group]), UInt8(minimumLevels[group]))
      let (nextScale, nextMinimum) = (UInt8(scaleLevels[group + 4]), UInt8(minimumLevels[group + 4]))
      bytes.store(scale | (nextScale >> 4) << 6, at: offset + group)
      bytes.store(minimum | (nextMinimum >> 4) << 6, at: offset + 4 + group)
      bytes.store(nextScale & 15 | nextMinimum << 4, at: offset + 8 + group)
    }
  }
}
