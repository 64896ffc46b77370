extension Compute {
  /// Rotates the heads of queries or keys by their positions, half against half: of `n` pairs,
  /// component `i` turns with component `i + n`. Components beyond the table's pairs stay.
  /// - Parameters:
  ///   - x: `[tokens, heads * headDimension]`.
  ///   - positions: One for each token; not negative.
  ///   - table: At most `headDimension / 2` pairs.
  public func rope(
    _ x: inout Activations, heads: Int, headDimension: Int, positions: [Int], table: RotaryTable
  ) {
    let pairs = table.pairs
    precondition(x.columns == heads * headDimension && 2 * pairs <= headDimension, "matrix shapes do not fit")
    precondition(positions.count == x.tokens && positions.allSatisfy { $0 >= 0 }, "a position for each token")
    let angles = table.angles(count: (positions.max() ?? -1) + 1)
    for (token, position) in positions.enumerated() {
      let cosines = angles.cosines.span.extracting(position * pairs..<(position + 1) * pairs)
      let sines = angles.sines.span.extracting(position * pairs..<(position + 1) * pairs)
      for head in 0..<heads {
        // Within the row: a head has at least twice as many components as there are pairs.
        let low = unsafe x.base + token * x.stride + head * headDimension
        let high = unsafe low + pairs
        for pair in 0..<pairs {
          let (a, b) = unsafe (low[pair], high[pair])
          unsafe low[pair] = a * cosines[pair] - b * sines[pair]
          unsafe high[pair] = b * cosines[pair] + a * sines[pair]
        }
      }
    }
  }
}
