/// The search for the scale of the 16 values of `iq4_nl` and `iq4_xs`, which lie closer together near zero.
enum UnequalSteps {
  private static let values = Codebook.unequalSteps

  /// The code whose value is nearest; the higher one of two that are equally near.
  static func nearest(_ x: Float) -> Int {
    var code = 0
    for next in 1..<16 where x >= (values[next - 1] + values[next]) / 2 { code = next }
    return code
  }

  /// Tries 16 scales around the one that gives the value of the largest magnitude the lowest code; each is replaced by the
  /// one that fits its codes best.
  /// - Source: ggml, `quantize_row_iq4_nl_impl`.
  static func scale(fitting x: Span<Float>, weights: Span<Float>) -> Float {
    let (largest, extreme) = Levels.extreme(x)
    guard largest >= Levels.smallest else { return 0 }
    var sums = self.sums(x, weights, 1 / (-extreme / values[0]))
    var scale = sums.codes > 0 ? sums.values / sums.codes : 0
    var best = scale * sums.values
    for trial in -7...7 {
      sums = self.sums(x, weights, (Float(trial) + values[0]) / extreme)
      if sums.codes > 0 && sums.values * sums.values > best * sums.codes {
        scale = sums.values / sums.codes
        best = scale * sums.values
      }
    }
    return scale
  }

  private static func sums(_ x: Span<Float>, _ weights: Span<Float>, _ inverse: Float) -> (values: Float, codes: Float) {
    var sums: (values: Float, codes: Float) = (0, 0)
    for index in x.indices {
      let value = values[nearest(inverse * x[index])]
      let weighted = weights[index] * value
      sums.values += weighted * x[index]
      sums.codes += weighted * value
    }
    return sums
  }

  /// What errors count: by the square of the value, or by importance.
  static func weigh(_ x: Span<Float>, _ importance: Span<Float>?, spread: Float, into weights: inout [Float]) {
    if let importance { return Levels.weigh(x, importance, spread: spread, into: &weights) }
    for index in x.indices { weights[index] = x[index] * x[index] }
  }
}
