extension Compute {
  /// Root-mean-square normalisation: `y = x / sqrt(mean(x^2) + epsilon) * weight`, for each token.
  ///
  /// Where `x` has several times the columns of `weight`, each group of `weight.count` columns is
  /// normalised by itself, as models that normalise attention heads need.
  /// - Parameters:
  ///   - weight: Scales; `x.columns` is a multiple of their number.
  ///   - y: Of the shape of `x`; its token count is set.
  public func rmsNorm(_ x: borrowing Activations, weight: [Float], epsilon: Float, into y: inout Activations) {
    precondition(x.columns == y.columns && !weight.isEmpty && x.columns % weight.count == 0, "matrix shapes do not fit")
    y.resize(tokens: x.tokens)
    var group = Activations(tokens: 1, columns: weight.count)
    for token in 0..<x.tokens {
      for start in stride(from: 0, to: x.columns, by: weight.count) {
        copyColumns(token: token, start, of: x, into: &group)
        let squares = Lanes.dot(group.paddedRow(0), group.paddedRow(0))
        let factor = 1 / (squares / Float(weight.count) + epsilon).squareRoot()
        var row = y.mutableRow(token)
        for index in weight.indices { row[start + index] = x.row(token)[start + index] * factor * weight[index] }
      }
    }
  }

  private func copyColumns(token: Int, _ start: Int, of x: borrowing Activations, into group: inout Activations) {
    let source = x.row(token)
    var row = group.mutableRow(0)
    for index in row.indices { row[index] = source[start + index] }
  }
}
