internal import LinearAlgebra

/// A projection: `y = x Wᵀ + b`.
struct Linear {
  /// `[outputs, inputs]`.
  let weight: Parameter
  let bias: Parameter?

  var outputs: Int { weight.rows }

  func forward(_ x: borrowing Activations, _ compute: Compute) -> Activations {
    var y = Activations(tokens: x.tokens, columns: outputs)
    compute.product(x, .plain, weight.values, .transposed, into: &y)
    if let bias { compute.addRow(bias.values.values(ofRow: 0), to: &y) }
    return y
  }

  /// Adds up the gradients of weight and bias.
  /// - Parameters:
  ///   - gradient: Of what `forward` returned for `x`.
  /// - Returns: The gradient of `x`.
  func backward(_ gradient: borrowing Activations, input x: borrowing Activations, _ compute: Compute) -> Activations {
    accumulate(gradient, input: x, compute)
    var result = Activations(tokens: gradient.tokens, columns: weight.columns)
    compute.product(gradient, .plain, weight.values, into: &result)
    return result
  }

  /// The same where nobody asks for the gradient of `x`.
  func accumulate(_ gradient: borrowing Activations, input x: borrowing Activations, _ compute: Compute) {
    compute.product(gradient, .transposed, x, adds: true, into: &weight.gradient)
    if let bias { compute.addRows(of: gradient, to: &bias.gradient) }
  }
}

extension Compute {
  /// Adds a row to every row.
  func addRow(_ row: [Float], to y: inout Activations) {
    for token in 0..<y.tokens {
      var values = y.mutableRow(token)
      for index in values.indices { values[index] += row[index] }
    }
  }

  /// Adds all rows of a matrix, in their order, to the one row of another.
  func addRows(of x: borrowing Activations, to y: inout Activations) {
    var sums = y.mutableRow(0)
    for token in 0..<x.tokens {
      let values = x.row(token)
      for index in sums.indices { sums[index] += values[index] }
    }
  }

  /// A part of a matrix's columns.
  func columns(_ range: Range<Int>, of x: borrowing Activations) -> Activations {
    var y = Activations(tokens: x.tokens, columns: range.count)
    copyColumns(range, of: x, into: &y)
    return y
  }

  func copy(_ x: borrowing Activations) -> Activations { columns(0..<x.columns, of: x) }

  func joined(_ left: borrowing Activations, _ right: borrowing Activations) -> Activations {
    var y = Activations(tokens: left.tokens, columns: left.columns + right.columns)
    concatenate(left, right, into: &y)
    return y
  }
}
