/// A scale and a minimum, such that `scale * level + minimum` is near each value, with levels from zero up.
struct AffineScale {
  /// The best scale; zero for values that are all the same and not above zero.
  var scale: Float = 0
  /// Never above zero.
  var minimum: Float
  /// The levels that scale and minimum fit are the nearest to `inverse * (value - origin)`.
  var inverse: Float = 0
  /// The minimum that those levels were counted from.
  private(set) var origin: Float

  /// The scales that are tried: `first`, `first + step`, ... are added to the number of levels that span the range.
  struct Trials {
    let first: Float, step: Float, count: Int
  }

  /// Tries scales, counting levels from the best minimum so far; each scale, once values have their levels, is replaced by
  /// the scale and minimum that fit those levels best.
  /// - Parameters:
  ///   - levels: The highest level.
  ///   - absolute: Whether errors count as they are, not squared.
  /// - Source: ggml, `make_qkx2_quants` and `make_qkx3_quants`.
  init(fitting x: Span<Float>, weights: Span<Float>, levels: Float, trials: Trials, absolute: Bool = false) {
    var (lowest, highest) = (x[0], x[0])
    var (weightSum, valueSum) = (weights[0], weights[0] * x[0])
    for index in 1..<x.count {
      if x[index] < lowest { lowest = x[index] }
      if x[index] > highest { highest = x[index] }
      weightSum += weights[index]
      valueSum += weights[index] * x[index]
    }
    if lowest > 0 { lowest = 0 }
    (origin, minimum) = (lowest, lowest)
    let range = highest - lowest
    guard range >= Levels.smallest else { return }
    inverse = levels / range
    scale = 1 / inverse
    var best: Float = 0
    for index in x.indices {
      let level = Levels.nearest(inverse * (x[index] - origin), 0, levels)
      let difference = scale * level + minimum - x[index]
      best += weights[index] * (absolute ? abs(difference) : difference * difference)
    }
    for trial in 0..<trials.count {
      let base = minimum
      let candidate = (trials.first + trials.step * Float(trial) + levels) / (highest - base)
      var sums: (levels: Float, squares: Float, products: Float) = (0, 0, 0)
      for index in x.indices {
        let level = Levels.nearest(candidate * (x[index] - base), 0, levels)
        let weighted = weights[index] * level
        sums.levels += weighted
        sums.squares += weighted * level
        sums.products += weighted * x[index]
      }
      let determinant = weightSum * sums.squares - sums.levels * sums.levels
      guard determinant > 0 else { continue }
      var fitted = (weightSum * sums.products - valueSum * sums.levels) / determinant
      var offset = (sums.squares * valueSum - sums.levels * sums.products) / determinant
      if offset > 0 { (offset, fitted) = (0, sums.products / sums.squares) }
      var error: Float = 0
      for index in x.indices {
        let level = Levels.nearest(candidate * (x[index] - base), 0, levels)
        let difference = fitted * level + offset - x[index]
        error += weights[index] * (absolute ? abs(difference) : difference * difference)
      }
      if error < best { (best, scale, minimum, inverse, origin) = (error, fitted, offset, candidate, base) }
    }
  }
}
