internal import LinearAlgebra

/// Root-mean-square normalisation: `y = x / sqrt(mean(x²) + ε) * w`.
struct Normalization {
  /// One row.
  let weight: Parameter
  let epsilon: Float

  func forward(_ x: borrowing Activations, _ compute: Compute) -> Activations {
    var y = Activations(tokens: x.tokens, columns: x.columns)
    compute.rmsNorm(x, weight: weight.values.values(ofRow: 0), epsilon: epsilon, into: &y)
    return y
  }

  /// - Returns: The gradient of `x`.
  func backward(_ gradient: borrowing Activations, input x: borrowing Activations) -> Activations {
    var result = Activations(tokens: x.tokens, columns: x.columns)
    let (scales, count) = (weight.values.values(ofRow: 0), Double(x.columns))
    var sums = [Float](repeating: 0, count: x.columns)
    for token in 0..<x.tokens {
      let source = x.row(token)
      let given = gradient.row(token)
      var (squares, product) = (0.0, 0.0)
      for index in source.indices {
        squares += Double(source[index]) * Double(source[index])
        product += Double(scales[index] * given[index]) * Double(source[index])
      }
      let factor = 1 / (squares / count + Double(epsilon)).squareRoot()
      let (first, second) = (Float(factor), Float(factor * factor * factor * product / count))
      var target = result.mutableRow(token)
      for index in source.indices {
        target[index] = first * scales[index] * given[index] - second * source[index]
        sums[index] += given[index] * source[index] * first
      }
    }
    Normalization.add(sums, to: &weight.gradient)
    return result
  }

  private static func add(_ sums: [Float], to gradient: inout Activations) {
    var values = gradient.mutableRow(0)
    for index in values.indices { values[index] += sums[index] }
  }
}
