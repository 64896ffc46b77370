/// The search for groups whose magnitudes are points of a codebook and whose signs are stored beside.
///
/// Many scales are tried. At each, values get levels, and those that are no point's the nearest point; then the scale that fits
/// the points best is taken. Level `n` stands for `2 n + 1`.
/// - Source: ggml, `quantize_row_iq2_xxs_impl` and its kin.
struct MagnitudeSearch: Sendable {
  /// Which points are sought again with the best scale.
  enum Refit { case soughtOnes, allWhereOneWas, all }

  let codebook: CodebookSearch
  /// Values that share a scale.
  let groupSize: Int
  let highest: Int
  /// Scales to try to either side of the first, and how far they lie apart.
  let trials: Int, step: Float
  /// The magnitude below which a group is zero.
  let smallest: Float
  /// Whether the signs of eight values are even in number, and the eighth is not stored.
  let hasEvenSigns: Bool
  /// The part of a block's mean square in weights.
  let spread: Float
  /// Whether levels without a codebook say what to try scales around, instead of the largest magnitude.
  var startsFromLevels = false
  let refit: Refit
  /// The weight of a value, given the spread, where columns have no importance.
  let plainWeight: @Sendable (_ value: Float, _ spread: Float) -> Float

  /// What each level stands for.
  private var values: [Float] { (0...highest).map { Float(2 * $0 + 1) } }

  /// The groups of a block of 256.
  func groups(_ x: Span<Float>, _ importance: Span<Float>?) -> [PointGroup] {
    let spread = Levels.sumOfSquares(x) * self.spread / Float(SuperBlock.count)
    return stride(from: 0, to: SuperBlock.count, by: groupSize).map { start in
      let range = start..<start + groupSize
      var weights = [Float](repeating: 0, count: groupSize)
      if let importance {
        Levels.weigh(x.extracting(range), importance.extracting(range), spread: spread, into: &weights)
      } else {
        for index in weights.indices { weights[index] = plainWeight(x[start + index], spread) }
      }
      return fit(MagnitudeGroup(x.extracting(range), weights: weights, even: hasEvenSigns))
    }
  }

  private func fit(_ group: MagnitudeGroup) -> PointGroup {
    let points = groupSize / codebook.width
    let zero = PointGroup(codes: Array(repeating: 0, count: points), signs: group.signs.map { _ in 0 })
    var largest = group.x[0]
    for value in group.x.dropFirst() where !(largest > value) { largest = value }
    if largest < smallest || largest == 0 { return zero }
    var scale = largest / Float(2 * highest + 1)
    if startsFromLevels {
      scale = PositiveScale.wrapped(group.x, weights: group.weights, highest: highest + 2)
      largest = scale * Float(highest + 1)
      if largest <= 0 { return zero }
    }
    var best: Float = 0
    var found = zero.codes
    var sought = [Bool](repeating: refit == .allWhereOneWas, count: points)
    for trial in -trials...trials {
      let inverse = (Float(2 * highest + 1) + Float(trial) * step) / largest
      let codes = found.indices.map { self.code(group, inverse, $0) }
      let tried = codes.indices.map { point(group, codes[$0], 1 / inverse, $0) }
      let sums = self.sums(group, tried)
      if sums.squares > 0 && sums.products * sums.products > best * sums.squares {
        scale = sums.products / sums.squares
        best = scale * sums.products
        (found, sought) = (tried, codes.map { !codebook.isPoint($0) })
      }
    }
    if scale > 0 && (refit == .all || sought.contains(true)) {
      for index in found.indices where refit != .soughtOnes || sought[index] {
        found[index] = point(group, code(group, 1 / scale, index), scale, index)
      }
      let sums = self.sums(group, found)
      if sums.squares > 0 { scale = sums.products / sums.squares }
    }
    // A negative scale changes all signs; what is no number is no scale.
    let turned: UInt8 = scale < 0 ? (hasEvenSigns ? 127 : 255) : 0
    let magnitude = scale < 0 ? -scale : scale
    return PointGroup(codes: found, signs: group.signs.map { $0 ^ turned }, scale: magnitude >= 0 ? magnitude : 0)
  }

  /// The levels of a point's values at a scale.
  private func code(_ group: MagnitudeGroup, _ inverse: Float, _ point: Int) -> Int {
    (0..<codebook.width).reduce(0) { code, index in
      code | Levels.odd(inverse * group.x[point * codebook.width + index], highest: highest) << (codebook.levelBits * index)
    }
  }

  private func point(_ group: MagnitudeGroup, _ code: Int, _ scale: Float, _ point: Int) -> Int {
    if codebook.isPoint(code) { return code }
    return codebook.nearest(
      to: code, group.x, group.roots, from: point * codebook.width, scale: scale, values: values)
  }

  /// The weighted sums of value times level and of level squared.
  private func sums(_ group: MagnitudeGroup, _ codes: [Int]) -> (products: Float, squares: Float) {
    var sums: (products: Float, squares: Float) = (0, 0)
    for index in group.x.indices {
      let level = Float(2 * codebook.level(index % codebook.width, of: codes[index / codebook.width]) + 1)
      sums.products += group.weights[index] * group.x[index] * level
      sums.squares += group.weights[index] * level * level
    }
    return sums
  }
}
