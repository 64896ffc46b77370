internal import Tensors

/// Blocks of 32 with one scale, and perhaps a minimum, in half precision: scale, minimum, fifth bits of the codes, then
/// the low four bits of codes `i` and `i + 16` in byte `i`.
enum ClassicBlocks {
  /// Without importance the scale is what gives the value of the largest magnitude its level exactly.
  /// - Source: ggml, `quantize_row_q4_0_ref`, `quantize_row_q5_0_ref` and `quantize_q4_0`, `quantize_q5_0`.
  static func encodeSigned(_ values: Span<Float>, _ importance: [Float]?, bits: Int, into bytes: inout MutableRawSpan) {
    let levels = Float(1 << (bits - 1))
    let highest = 2 * levels - 1
    let spread = importance == nil ? 0 : Levels.sumOfSquares(values) / Float(values.count)
    var (weights, codes) = ([Float](repeating: 0, count: 32), [UInt8](repeating: 0, count: 32))
    let blockBytes = 2 + bits * 4
    for block in 0..<values.count / 32 {
      let x = values.extracting(block * 32..<block * 32 + 32)
      let scale: Float
      if let importance {
        Levels.weigh(x, importance.span.extracting(block * 32..<block * 32 + 32), spread: spread, into: &weights)
        let fit = SignedScale(fitting: x, weights: weights.span, levels: levels)
        scale = fit.scale
        for index in 0..<32 { codes[index] = UInt8(Levels.nearest(fit.inverse * x[index], -levels, levels - 1) + levels) }
      } else {
        scale = Levels.extreme(x).value / -levels
        let inverse = Levels.inverse(scale)
        for index in 0..<32 {
          let code = (x[index] * inverse + (levels + 0.5)).rounded(.down)
          codes[index] = UInt8(code < highest ? code : highest)
        }
      }
      bytes.store(Levels.stored(scale).bits, at: block * blockBytes)
      store(codes, bits: bits, at: block * blockBytes + 2, into: &bytes)
    }
  }

  /// Without importance scale and minimum are those of the block's range.
  /// - Source: ggml, `quantize_row_q4_1_ref`, `quantize_row_q5_1_ref` and `quantize_q4_1`, `quantize_q5_1`.
  static func encodeAffine(_ values: Span<Float>, _ importance: [Float]?, bits: Int, into bytes: inout MutableRawSpan) {
    let highest = Float(1 << bits - 1)
    let spread = importance == nil ? 0 : Levels.sumOfSquares(values) / Float(values.count)
    var (weights, codes) = ([Float](repeating: 0, count: 32), [UInt8](repeating: 0, count: 32))
    let blockBytes = 4 + bits * 4
    for block in 0..<values.count / 32 {
      let x = values.extracting(block * 32..<block * 32 + 32)
      let (scale, minimum): (Float, Float)
      if let importance {
        Levels.weigh(x, importance.span.extracting(block * 32..<block * 32 + 32), spread: spread, into: &weights)
        let fit = AffineScale(fitting: x, weights: weights.span, levels: highest, trials: .weighted)
        (scale, minimum) = (fit.scale, fit.minimum)
        for index in 0..<32 { codes[index] = UInt8(Levels.nearest(fit.inverse * (x[index] - fit.origin), 0, highest)) }
      } else {
        var (largest, smallest) = (x[0], x[0])
        for index in 1..<32 {
          if x[index] < smallest { smallest = x[index] }
          if x[index] > largest { largest = x[index] }
        }
        (scale, minimum) = ((largest - smallest) / highest, smallest)
        let inverse = Levels.inverse(scale)
        for index in 0..<32 {
          let code = ((x[index] - smallest) * inverse + 0.5).rounded(.down)
          codes[index] = UInt8(code < highest ? code : highest)
        }
      }
      bytes.store(Levels.stored(scale).bits, at: block * blockBytes)
      bytes.store(Levels.stored(minimum).bits, at: block * blockBytes + 2)
      store(codes, bits: bits, at: block * blockBytes + 4, into: &bytes)
    }
  }

  /// Fifth bits, where there are any, before the low four.
  private static func store(_ codes: [UInt8], bits: Int, at offset: Int, into bytes: inout MutableRawSpan) {
    var start = offset
    if bits == 5 {
      var high: UInt32 = 0
      for index in 0..<32 { high |= UInt32(codes[index] >> 4) << index }
      bytes.store(high, at: start)
      start += 4
    }
    for index in 0..<16 { bytes.store(codes[index] & 15 | codes[index + 16] << 4, at: start + index) }
  }
}

extension AffineScale.Trials {
  /// What ggml tries where columns have importance, whatever the type.
  static let weighted = AffineScale.Trials(first: -0.9, step: 0.05, count: 37)
}
