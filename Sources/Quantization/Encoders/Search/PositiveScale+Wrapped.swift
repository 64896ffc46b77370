extension PositiveScale {
  /// `fit` over values of which some are negative, as IQ2_XXS has it: a level is kept in eight bits, where those of negative
  /// values are high, but for the errors of trials.
  /// - Returns: The scale; zero where all values are, or nothing counts.
  /// - Source: ggml, `make_qp_quants`, which keeps levels in bytes.
  static func wrapped(_ x: [Float], weights: [Float], highest: Int) -> Float {
    var largest: Float = 0
    for value in x where value > largest { largest = value }
    func level(_ value: Float) -> Int { min(highest, Levels.whole(value)) }
    func error(_ scale: Float, _ levels: [Int]) -> Float {
      var error: Float = 0
      for index in x.indices {
        let difference = x[index] - scale * Float(levels[index])
        error += weights[index] * difference * difference
      }
      return error
    }
    var inverse = Float(highest) / largest
    var best = error(1 / inverse, x.map { Levels.whole(inverse * $0) & 255 })
    for trial in -4...4 where trial != 0 {
      let candidate = (0.1 * Float(trial) + Float(highest)) / largest
      let error = error(1 / candidate, x.map { level(candidate * $0) })
      if error < best { (best, inverse) = (error, candidate) }
    }
    var levels = x.map { level(inverse * $0) }
    var sums: (products: Float, squares: Float) = (0, 0)
    for index in x.indices {
      let level = Float(levels[index])
      sums.products += weights[index] * x[index] * level
      sums.squares += weights[index] * level * level
      levels[index] &= 255
    }
    for _ in 0..<5 {
      var changed = false
      for index in x.indices {
        let (weight, old) = (weights[index], Float(levels[index]))
        var others = (products: sums.products - weight * x[index] * old, squares: sums.squares - weight * old * old)
        guard others.products > 0 && others.squares > 0 else { continue }
        let moved = level(x[index] * others.squares / others.products)
        guard moved != levels[index] else { continue }
        others.products += weight * x[index] * Float(moved)
        others.squares += weight * Float(moved) * Float(moved)
        if others.products * others.products * sums.squares > sums.products * sums.products * others.squares {
          (levels[index], sums, changed) = (moved & 255, others, true)
        }
      }
      if !changed { break }
    }
    return sums.squares > 0 ? sums.products / sums.squares : 0
  }
}
