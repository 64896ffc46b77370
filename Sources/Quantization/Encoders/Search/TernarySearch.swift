/// The search for groups whose values are points of a codebook of the digits -1, 0 and 1, moved up or down by an eighth.
///
/// Values in ascending order are split in three, in every way, and the split is taken whose best scale leaves the least error;
/// points are only sought then.
/// - Source: ggml, `quantize_row_iq1_s_impl` and `quantize_row_iq1_m_impl`.
struct TernarySearch: Sendable {
  let codebook: CodebookSearch
  /// Values that share a scale: 32, which are moved alike, or 16, whose halves are moved each by itself.
  let groupSize: Int
  /// The magnitude below which a group is zero.
  let smallest: Float
  /// The weight of a value, given the spread, where columns have no importance.
  let plainWeight: @Sendable (_ value: Float, _ spread: Float) -> Float

  /// What the lowest digit stands for; the others lie one apart.
  static func lowest(down: Bool) -> Float { down ? -1.125 : -0.875 }

  /// What errors of a block of 256 count.
  func weights(_ x: Span<Float>, _ importance: Span<Float>?) -> [Float] {
    let spread = Levels.sumOfSquares(x) * 2 / Float(SuperBlock.count)
    var weights = [Float](repeating: 0, count: SuperBlock.count)
    if let importance {
      Levels.weigh(x, importance, spread: spread, into: &weights)
    } else {
      for index in weights.indices { weights[index] = plainWeight(x[index], spread) }
    }
    return weights
  }

  /// The groups of a block of 256.
  func groups(_ x: Span<Float>, weights: [Float]) -> [PointGroup] {
    stride(from: 0, to: SuperBlock.count, by: groupSize).map { start in
      fit((start..<start + groupSize).map { x[$0] }, Array(weights[start..<start + groupSize]))
    }
  }

  private func fit(_ x: [Float], _ weights: [Float]) -> PointGroup {
    let points = groupSize / codebook.width
    let zero = PointGroup(
      codes: Array(repeating: 0, count: points), isDown: Array(repeating: false, count: points))
    let largest = x.reduce(0) { $0 > abs($1) ? $0 : abs($1) }
    // Of equal values the first comes first.
    let order = x.indices.sorted { x[$0] != x[$1] ? x[$0] < x[$1] : $0 < $1 }
    guard
      !(largest < smallest),
      let split = groupSize == 32
        ? TernarySplit(x, weights, order: order, largest: largest)
        : TernarySplit(halvesOf: x, weights, order: order, largest: largest)
    else { return zero }
    let isNegative = split.scale < 0
    var group = PointGroup(
      codes: zero.codes, isDown: (0..<points).map { split.isDown[groupSize == 16 ? $0 : 0] != isNegative },
      scale: isNegative ? -split.scale : split.scale)
    for (rank, index) in order.enumerated() {
      let level = rank < split.first ? 0 : rank < split.second ? 1 : 2
      group.codes[index / 8] |= (isNegative ? 2 - level : level) << (2 * (index % 8))
    }
    var wasSought = false
    for point in 0..<points where !codebook.isPoint(group.codes[point]) {
      wasSought = true
      let lowest = TernarySearch.lowest(down: group.isDown[point])
      group.codes[point] = codebook.nearest(
        to: group.codes[point], x, weights, from: 8 * point, scale: group.scale, values: (0..<4).map { lowest + Float($0) })
    }
    if wasSought {
      let sums = self.sums(group, x, weights)
      if sums.products > 0 && sums.squares > 0 { group.scale = sums.products / sums.squares }
    }
    // What is no number is no scale.
    if !(group.scale >= 0) { group.scale = 0 }
    return group
  }

  private func sums(_ group: PointGroup, _ x: [Float], _ weights: [Float]) -> (products: Float, squares: Float) {
    var sums: (products: Float, squares: Float) = (0, 0)
    for index in x.indices {
      let level = Float(group.codes[index / 8] >> (2 * (index % 8)) & 3) + TernarySearch.lowest(down: group.isDown[index / 8])
      sums.products += weights[index] * level * x[index]
      sums.squares += weights[index] * level * level
    }
    return sums
  }
}
