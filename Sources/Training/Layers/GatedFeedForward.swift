internal import LinearAlgebra

/// A gated feed-forward: `down(silu(gate(x)) * up(x))`.
struct GatedFeedForward {
  let gate, up, down: Linear

  /// The output, and what the gradient needs beside the input.
  final class Kept {
    let gated, upped: Activations
    let output: Activations
    init(gated: consuming Activations, upped: consuming Activations, output: consuming Activations) {
      self.gated = gated
      self.upped = upped
      self.output = output
    }
  }

  func forward(_ x: borrowing Activations, _ compute: Compute) -> Kept {
    let gated = gate.forward(x, compute)
    let upped = up.forward(x, compute)
    let inner = inner(gated, upped, compute)
    return Kept(gated: gated, upped: upped, output: down.forward(inner, compute))
  }

  private func inner(_ gated: borrowing Activations, _ upped: borrowing Activations, _ compute: Compute) -> Activations {
    var inner = compute.copy(gated)
    compute.siluMultiply(gate: &inner, up: upped)
    return inner
  }

  /// - Returns: The gradient of `x`.
  func backward(_ gradient: borrowing Activations, input x: borrowing Activations, _ kept: Kept, _ compute: Compute) -> Activations {
    let inner = inner(kept.gated, kept.upped, compute)
    var ofGate = down.backward(gradient, input: inner, compute)
    var ofUp = compute.copy(ofGate)
    let silu = Silu.forward(kept.gated, compute)
    Training.multiply(&ofGate, by: kept.upped)
    Silu.backward(&ofGate, input: kept.gated, value: silu)
    Training.multiply(&ofUp, by: silu)
    var result = gate.backward(ofGate, input: x, compute)
    let other = up.backward(ofUp, input: x, compute)
    compute.add(other, into: &result)
    return result
  }
}

/// `x *= y`, element by element.
func multiply(_ x: inout Activations, by y: borrowing Activations) {
  for token in 0..<x.tokens {
    let factors = y.row(token)
    var values = x.mutableRow(token)
    for index in factors.indices { values[index] *= factors[index] }
  }
}
