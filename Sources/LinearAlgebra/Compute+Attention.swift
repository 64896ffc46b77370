extension Compute {
  /// Scaled dot-product attention of every token over its visible rows.
  ///
  /// Sums run over logical positions in order, so the bits are those of plain causal decoding
  /// wherever the rows sit in the cache.
  /// - Parameters:
  ///   - queries: `[tokens, heads * cache.headDimension]`, rotated.
  ///   - cache: Keys and values, those of these tokens included.
  ///   - visible: One for each token, not empty.
  ///   - heads: Query heads, a multiple of the cache's heads; consecutive ones share a head of the cache.
  ///   - scale: Factor of the scores, usually `1 / sqrt(headDimension)`.
  ///   - y: Of the shape of `queries`; its token count is set.
  public func attention(
    _ queries: borrowing Activations, cache: KeyValueCache, visible: [VisibleRows], heads: Int, scale: Float,
    into y: inout Activations
  ) {
    let dimension = cache.headDimension
    precondition(
      queries.columns == heads * dimension && y.columns == queries.columns && heads % cache.heads == 0,
      "matrix shapes do not fit")
    precondition(visible.count == queries.tokens, "visible rows for each token")
    y.resize(tokens: queries.tokens)
    for (token, seen) in visible.enumerated() {
      let rows = Array(0..<seen.prefix) + seen.rows
      for head in 0..<heads {
        var query = Activations(tokens: 1, columns: dimension)
        var key = Activations(tokens: 1, columns: dimension)
        for index in 0..<dimension { var row = query.mutableRow(0); row[index] = queries.row(token)[head * dimension + index] }
        var scores: [Float] = []
        for row in rows {
          let values = cache.key(row, head: head * cache.heads / heads)
          for index in 0..<dimension { var span = key.mutableRow(0); span[index] = values[index] }
          scores.append(Lanes.dot(query.paddedRow(0), key.paddedRow(0)) * scale)
        }
        var maximum = -Float.infinity
        for score in scores where score > maximum { maximum = score }
        var sums = SIMD16<Float>()
        for position in scores.indices {
          scores[position] = exponential(scores[position] - maximum)
          sums[position % laneCount] += scores[position]
        }
        let sum = Lanes.fold(sums)
        var outputs = [Float](repeating: 0, count: dimension)
        for (position, row) in rows.enumerated() {
          let values = cache.value(row, head: head * cache.heads / heads)
          for index in 0..<dimension { outputs[index] = outputs[index].addingProduct(scores[position], values[index]) }
        }
        var output = y.mutableRow(token)
        for index in 0..<dimension { output[head * dimension + index] = outputs[index] / sum }
      }
    }
  }
}
