internal import CKernels
internal import Tensors

extension RowEncoder {
  /// Blocks of 32: a scale, then codes `i` and `i + 16` in byte `i`.
  /// - Source: ggml, `quantize_iq4_nl`.
  static let iq4_nl = unsafe RowEncoder(.iq4_nl, kernel: { unsafe ck_iq4_nl_encoder($0) }) { values, importance, bytes in
    var weights = [Float](repeating: 0, count: 32)
    for start in stride(from: 0, to: values.count, by: 32) {
      let x = values.extracting(start..<start + 32)
      let importance = importance?.span.extracting(start..<start + 32)
      UnequalSteps.weigh(x, importance, spread: Levels.sumOfSquares(x) * (2 / 32), into: &weights)
      let scale = UnequalSteps.scale(fitting: x, weights: weights.span)
      let inverse = Levels.inverse(scale)
      let offset = start / 32 * 18
      bytes.store(Levels.stored(scale).bits, at: offset)
      for index in 0..<16 {
        let (low, high) = (UnequalSteps.nearest(inverse * x[index]), UnequalSteps.nearest(inverse * x[index + 16]))
        bytes.store(UInt8(low | high << 4), at: offset + 2 + index)
      }
    }
  }
}
