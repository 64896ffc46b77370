package import LinearAlgebra
package import Models

/// A tensor that is trained: its values, and the gradient of the loss that layers add up.
///
/// A matrix is `[rows, columns]`, a vector one row.
package final class Parameter {
  package let role: TensorRole
  package var values: Activations
  package var gradient: Activations

  package var rows: Int { values.tokens }
  package var columns: Int { values.columns }

  package init(_ role: TensorRole, _ values: consuming Activations) {
    self.role = role
    gradient = Activations(tokens: values.tokens, columns: values.columns)
    self.values = values
  }

  /// All values, row after row.
  var stored: [Float] { (0..<rows).flatMap { values.values(ofRow: $0) } }

  func clearGradient(_ compute: Compute) { compute.clear(&gradient) }
}
