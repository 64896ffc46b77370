internal import LinearAlgebra
internal import Models

/// A tensor that is trained: its values, and the gradient of the loss that layers add up.
///
/// A matrix is `[rows, columns]`, a vector one row.
final class Parameter {
  let role: TensorRole
  var values: Activations
  var gradient: Activations

  var rows: Int { values.tokens }
  var columns: Int { values.columns }

  init(_ role: TensorRole, _ values: consuming Activations) {
    self.role = role
    gradient = Activations(tokens: values.tokens, columns: values.columns)
    self.values = values
  }

  func clearGradient(_ compute: Compute) { compute.clear(&gradient) }
}
