internal import LinearAlgebra
internal import Models

/// Adam with decoupled weight decay (arXiv 1711.05101), in single precision as PyTorch computes it.
final class AdamW {
  /// The two moments of one parameter.
  final class Moments {
    var first, second: Activations
    init(like parameter: Parameter) {
      first = Activations(tokens: parameter.rows, columns: parameter.columns)
      second = Activations(tokens: parameter.rows, columns: parameter.columns)
    }
  }

  static let (beta1, beta2, epsilon, decay): (Float, Float, Float, Float) = (0.9, 0.95, 1e-8, 0.01)

  let parameters: [Parameter]
  let moments: [Moments]
  /// Steps that were taken.
  var steps = 0

  init(_ parameters: [Parameter]) {
    self.parameters = parameters
    moments = parameters.map { Moments(like: $0) }
  }

  func step(rate: Float, frozen: Set<TensorRole> = []) {
    steps += 1
    func power(_ base: Float) -> Double { (0..<steps).reduce(1.0) { product, _ in product * Double(base) } }
    let (correction1, correction2) = (1 - power(AdamW.beta1), 1 - power(AdamW.beta2))
    let (size, root) = (Float(Double(rate) / correction1), Float(correction2.squareRoot()))
    for (parameter, moments) in zip(parameters, moments) where !frozen.contains(parameter.role) {
      AdamW.update(
        &parameter.values, parameter.gradient, &moments.first, &moments.second, size: size, root: root, kept: 1 - rate * AdamW.decay)
    }
  }

  private static func update(
    _ values: inout Activations, _ gradient: borrowing Activations, _ first: inout Activations, _ second: inout Activations, size: Float,
    root: Float, kept: Float
  ) {
    for row in 0..<values.tokens {
      let gradient = gradient.row(row)
      var values = values.mutableRow(row)
      var first = first.mutableRow(row)
      var second = second.mutableRow(row)
      for index in gradient.indices {
        let g = gradient[index]
        let m = beta1 * first[index] + (1 - beta1) * g
        let v = beta2 * second[index] + (1 - beta2) * g * g
        first[index] = m
        second[index] = v
        values[index] = values[index] * kept - size * m / (v.squareRoot() / root + epsilon)
      }
    }
  }
}
