/// A scale for levels `-levels..<levels`, such that `scale * level` is near each value.
///
/// The value of the largest magnitude gets the lowest level, the one that has no opposite; so the scale is negative where
/// that value is positive.
struct SignedScale {
  /// The best scale; zero for values that are all zero.
  var scale: Float = 0
  /// What gave the levels that `scale` fits best: they are the nearest to `inverse` times a value.
  var inverse: Float = 0

  /// Tries 19 scales around the one of the largest magnitude; each, once values have their levels, is replaced by the one
  /// that fits those levels best.
  /// - Source: ggml, `make_qx_quants`.
  init(fitting x: Span<Float>, weights: Span<Float>, levels: Float) {
    let (largest, extreme) = Levels.extreme(x)
    guard largest >= Levels.smallest else { return }
    inverse = -levels / extreme
    let first = SignedScale.sums(x, weights, inverse, levels)
    scale = first.levels > 0 ? first.values / first.levels : 0
    var best = scale * first.values
    for trial in -9...9 where trial != 0 {
      let candidate = -(levels + 0.1 * Float(trial)) / extreme
      let sums = SignedScale.sums(x, weights, candidate, levels)
      if sums.levels > 0 && sums.values * sums.values > best * sums.levels {
        scale = sums.values / sums.levels
        best = scale * sums.values
        inverse = candidate
      }
    }
  }

  /// The weighted sums of value times level and of level squared.
  private static func sums(
    _ x: Span<Float>, _ weights: Span<Float>, _ inverse: Float, _ levels: Float
  ) -> (values: Float, levels: Float) {
    var sums: (values: Float, levels: Float) = (0, 0)
    for index in x.indices {
      let level = Levels.nearest(inverse * x[index], -levels, levels - 1)
      sums.values += weights[index] * x[index] * level
      sums.levels += weights[index] * level * level
    }
    return sums
  }

  /// The scale that fits best once single levels have been moved for as long as that helps, at most five times around.
  /// Errors count by the square of the value.
  /// - Source: ggml, `make_q3_quants`.
  static func descended(_ x: Span<Float>, levels: Float, scratch: inout [Float]) -> Float {
    let (largest, extreme) = Levels.extreme(x)
    guard largest >= Levels.smallest else { return 0 }
    let inverse = -levels / extreme
    var sums: (values: Float, levels: Float) = (0, 0)
    for index in x.indices {
      let weight = x[index] * x[index]
      scratch[index] = Levels.nearest(inverse * x[index], -levels, levels - 1)
      sums.values += weight * x[index] * scratch[index]
      sums.levels += weight * scratch[index] * scratch[index]
    }
    for _ in 0..<5 {
      var changed = false
      for index in x.indices {
        let (weight, level) = (x[index] * x[index], scratch[index])
        var others = (values: sums.values - weight * x[index] * level, levels: sums.levels - weight * level * level)
        guard others.values > 0 else { continue }
        let moved = Levels.nearest(x[index] * others.levels / others.values, -levels, levels - 1)
        guard moved != level else { continue }
        others.values += weight * x[index] * moved
        others.levels += weight * moved * moved
        if others.levels > 0 && others.values * others.values * sums.levels > sums.values * sums.values * others.levels {
          (scratch[index], sums, changed) = (moved, others, true)
        }
      }
      if !changed { break }
    }
    return sums.levels > 0 ? sums.values / sums.levels : 0
  }
}
