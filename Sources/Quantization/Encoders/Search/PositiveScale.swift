/// A scale for values that are not negative, the scales of a super-block's groups, with their levels from zero up.
enum PositiveScale {
  /// Tries nine scales, then moves single levels for as long as that helps, at most five times around.
  /// - Parameters:
  ///   - highest: The highest level.
  ///   - levels: Set to the level of each value.
  /// - Returns: The scale; zero where all values are.
  /// - Source: ggml, `make_qp_quants`.
  static func fit(_ x: Span<Float>, weights: Span<Float>, highest: Float, levels: inout [Float]) -> Float {
    var largest: Float = 0
    for index in x.indices where x[index] > largest { largest = x[index] }
    guard largest >= Levels.smallest else {
      for index in x.indices { levels[index] = 0 }
      return 0
    }
    var inverse = highest / largest
    var best = error(x, weights, inverse, highest)
    for trial in -4...4 where trial != 0 {
      let candidate = (0.1 * Float(trial) + highest) / largest
      let error = error(x, weights, candidate, highest)
      if error < best { (best, inverse) = (error, candidate) }
    }
    var sums: (values: Float, levels: Float) = (0, 0)
    for index in x.indices {
      let level = Levels.nearest(inverse * x[index], 0, highest)
      levels[index] = level
      sums.values += weights[index] * x[index] * level
      sums.levels += weights[index] * level * level
    }
    for _ in 0..<5 {
      var changed = false
      for index in x.indices {
        let (weight, level) = (weights[index], levels[index])
        var others = (values: sums.values - weight * x[index] * level, levels: sums.levels - weight * level * level)
        guard others.values > 0 && others.levels > 0 else { continue }
        let moved = Levels.nearest(x[index] * others.levels / others.values, 0, highest)
        guard moved != level else { continue }
        others.values += weight * x[index] * moved
        others.levels += weight * moved * moved
        if others.values * others.values * sums.levels > sums.values * sums.values * others.levels {
          (levels[index], sums, changed) = (moved, others, true)
        }
      }
      if !changed { break }
    }
    return sums.levels > 0 ? sums.values / sums.levels : 0
  }

  private static func error(_ x: Span<Float>, _ weights: Span<Float>, _ inverse: Float, _ highest: Float) -> Float {
    let scale = 1 / inverse
    var error: Float = 0
    for index in x.indices {
      let difference = x[index] - scale * Levels.nearest(inverse * x[index], 0, highest)
      error += weights[index] * difference * difference
    }
    return error
  }
}
