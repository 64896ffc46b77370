extension Compute {
  /// Rotates the heads of queries or keys by their positions, half against half:
  /// with `n` pairs, component `i` turns with component `i + n`. Components beyond the table's pairs stay.
  /// - Parameters:
  ///   - x: `[tokens, heads * headDimension]`.
  ///   - positions: One for each token; not negative.
  ///   - table: At most `headDimension / 2` pairs.
  public func rope(
    _ x: inout Activations, heads: Int, headDimension: Int, positions: [Int], table: RotaryTable
  ) {
    let pairs = table.inverseFrequencies.count
    precondition(x.columns == heads * headDimension && 2 * pairs <= headDimension, "matrix shapes do not fit")
    precondition(positions.count == x.tokens && positions.allSatisfy { $0 >= 0 }, "a position for each token")
    let angles = table.angles(count: (positions.max() ?? -1) + 1)
    for (token, position) in positions.enumerated() {
      var row = x.mutableRow(token)
      for head in 0..<heads {
        for pair in 0..<pairs {
          let cosine = angles.cosines[position * pairs + pair]
          let sine = angles.sines[position * pairs + pair]
          let low = head * headDimension + pair
          let (a, b) = (row[low], row[low + pairs])
          row[low] = a * cosine - b * sine
          row[low + pairs] = b * cosine + a * sine
        }
      }
    }
  }
}
