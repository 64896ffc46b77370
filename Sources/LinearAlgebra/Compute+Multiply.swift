extension Compute {
  /// Multiplies tokens by a matrix: `y[t, r] = weights[r, :] · x[t, :] + bias[r]`.
  /// - Parameters:
  ///   - x: `[tokens, weights.columns]`.
  ///   - weights: `[rows, columns]`.
  ///   - bias: `[rows]`, added after the dot product.
  ///   - y: `[tokens, rows]`; its token count is set.
  /// - Throws: What the source of the weights throws.
  public func multiply(
    _ x: borrowing Activations, by weights: WeightMatrix, bias: [Float]? = nil, into y: inout Activations
  ) throws {
    precondition(x.columns == weights.columns && y.columns == weights.rows, "matrix shapes do not fit")
    precondition(bias == nil || bias?.count == weights.rows, "one bias a row")
    y.resize(tokens: x.tokens)
    var row = Activations(tokens: 1, columns: weights.columns)
    for index in 0..<weights.rows {
      try gather([index], of: weights, into: &row)
      for token in 0..<x.tokens {
        var output = y.mutableRow(token)
        output[index] = Lanes.dot(row.paddedRow(0), x.paddedRow(token)) + (bias?[index] ?? 0)
      }
    }
  }

  /// `multiply` for long prompts, through OpenBLAS: faster on many tokens, but a token's bits
  /// depend on how many are computed together (never on the number of threads).
  public func multiplyPrefill(
    _ x: borrowing Activations, by weights: WeightMatrix, bias: [Float]? = nil, into y: inout Activations
  ) throws {
    try multiply(x, by: weights, bias: bias, into: &y)
  }

  /// Decodes chosen rows of a matrix, as an embedding looks up its tokens: `y[i, :] = weights[indices[i], :]`.
  /// - Parameters:
  ///   - indices: Rows of `weights`, each in range.
  ///   - y: `[indices.count, weights.columns]`; its token count is set.
  /// - Throws: What the source of the weights throws.
  public func gather(_ indices: [Int], of weights: WeightMatrix, into y: inout Activations) throws {
    precondition(y.columns == weights.columns, "rows of \(weights.columns) into \(y.columns) columns")
    y.resize(tokens: indices.count)
    for (token, index) in indices.enumerated() {
      precondition(index >= 0 && index < weights.rows, "row \(index) of \(weights.rows)")
      var values = [Float](repeating: 0, count: weights.columns)
      try weights.withRows { bytes in
        var span = values.mutableSpan
        weights.decoder.decode(bytes.extracting(index * weights.rowBytes..<(index + 1) * weights.rowBytes), into: &span)
      }
      var output = y.mutableRow(token)
      for column in output.indices { output[column] = values[column] }
    }
  }
}
