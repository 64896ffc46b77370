internal import LinearAlgebra

/// `silu(x) = x / (1 + exp(-x))` and its gradient.
enum Silu {
  static func forward(_ x: borrowing Activations, _ compute: Compute) -> Activations {
    var y = compute.copy(x)
    compute.silu(&y)
    return y
  }

  /// - Parameters:
  ///   - value: What `forward` returned for `x`.
  ///   - gradient: Of that; becomes the gradient of `x`.
  static func backward(_ gradient: inout Activations, input x: borrowing Activations, value: borrowing Activations) {
    for token in 0..<x.tokens {
      let source = x.row(token)
      let silu = value.row(token)
      var target = gradient.mutableRow(token)
      for index in source.indices { target[index] *= derivative(source[index], silu[index]) }
    }
  }

  /// With `s = silu(x)`: `s / x + s (1 - s / x)`, where `s / x` is the logistic function.
  private static func derivative(_ x: Float, _ silu: Float) -> Float {
    let logistic = x == 0 ? 0.5 : silu / x
    return logistic + silu * (1 - logistic)
  }
}
