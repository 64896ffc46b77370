internal import LinearAlgebra

/// How large gradients may be.
public enum Clipping: Sendable, Hashable {
  /// Of all together, as re-alignment has it.
  case norm(Float)
  /// Each by itself, as the released training has it.
  case value(Float)

  func apply(_ parameters: [Parameter]) {
    switch self {
    case .norm(let limit):
      let squares = parameters.reduce(0.0) { $0 + Clipping.squares($1.gradient) }
      let factor = Double(limit) / (squares.squareRoot() + 1e-6)
      guard factor < 1 else { return }
      for parameter in parameters { scale(&parameter.gradient, by: Float(factor)) }
    case .value(let limit):
      for parameter in parameters { Clipping.clip(&parameter.gradient, to: limit) }
    }
  }

  private static func squares(_ x: borrowing Activations) -> Double {
    var sum = 0.0
    for row in 0..<x.tokens {
      let values = x.row(row)
      for index in values.indices { sum += Double(values[index]) * Double(values[index]) }
    }
    return sum
  }

  private static func clip(_ x: inout Activations, to limit: Float) {
    for row in 0..<x.tokens {
      var values = x.mutableRow(row)
      for index in values.indices { values[index] = min(max(values[index], -limit), limit) }
    }
  }
}
