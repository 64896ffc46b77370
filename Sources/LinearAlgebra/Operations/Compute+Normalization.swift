internal import CKernels

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
    let count = weight.count
    // The dot product reads whole lane groups of its second operand, so a group of columns gets padding of its own.
    let padded = roundedToLanes(count)
    unsafe scratch.withFloats(padded) { group in
      unsafe (group + count).initialize(repeating: 0, count: padded - count)
      for token in 0..<x.tokens {
        for start in stride(from: 0, to: x.columns, by: count) {
          // Pointers stay within one row of each matrix: `start + count` is at most its columns.
          let source = unsafe x.base + token * x.stride + start
          let target = unsafe y.base + token * y.stride + start
          unsafe group.update(from: source, count: count)
          var squares: Float = 0
          unsafe floatKernels.multiply_few(source, 0, 1, count, group, 0, 1, &squares, 0)
          let factor = 1 / (squares / Float(count) + epsilon).squareRoot()
          for index in 0..<count { unsafe target[index] = source[index] * factor * weight[index] }
        }
      }
    }
  }
}
