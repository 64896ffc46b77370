extension Compute {
  /// Adds a matrix to columns of another: `y[t, column + c] += x[t, c]`.
  /// - Parameter column: Where the first column of `x` goes.
  public func add(_ x: borrowing Activations, into y: inout Activations, at column: Int = 0) {
    precondition(x.tokens == y.tokens && column >= 0 && column + x.columns <= y.columns, "matrix shapes do not fit")
    for token in 0..<x.tokens {
      let source = x.row(token)
      var row = y.mutableRow(token)
      for index in source.indices { row[column + index] += source[index] }
    }
  }

  /// Replaces every value by `x / (1 + exp(-x))`.
  public func silu(_ x: inout Activations) {
    for token in 0..<x.tokens {
      var row = x.mutableRow(token)
      for index in row.indices { row[index] = row[index] / (1 + exponential(-row[index])) }
    }
  }

  /// The gate of a SwiGLU block: `gate = silu(gate) * up`.
  public func siluMultiply(gate: inout Activations, up: borrowing Activations) {
    precondition(gate.tokens == up.tokens && gate.columns == up.columns, "matrix shapes do not fit")
    for token in 0..<gate.tokens {
      let factor = up.row(token)
      var row = gate.mutableRow(token)
      for index in row.indices { row[index] = row[index] / (1 + exponential(-row[index])) * factor[index] }
    }
  }

  /// Joins two matrices by columns: `y = [left ; right]`.
  /// - Parameter y: `[tokens, left.columns + right.columns]`; its token count is set.
  public func concatenate(_ left: borrowing Activations, _ right: borrowing Activations, into y: inout Activations) {
    precondition(left.tokens == right.tokens && left.columns + right.columns == y.columns, "matrix shapes do not fit")
    copyColumns(0..<left.columns, of: left, into: &y)
    copyColumns(0..<right.columns, of: right, into: &y, at: left.columns)
  }

  /// Copies a range of columns: `y[t, column...] = x[t, columns]`. Other columns of `y` stay.
  /// - Parameters:
  ///   - y: Its token count is set to that of `x`.
  ///   - column: Where the first copied column goes.
  public func copyColumns(
    _ columns: Range<Int>, of x: borrowing Activations, into y: inout Activations, at column: Int = 0
  ) {
    precondition(
      columns.lowerBound >= 0 && columns.upperBound <= x.columns && column >= 0 && column + columns.count <= y.columns,
      "matrix shapes do not fit")
    y.resize(tokens: x.tokens)
    for token in 0..<x.tokens {
      let source = x.row(token)
      var row = y.mutableRow(token)
      for index in columns { row[column + index - columns.lowerBound] = source[index] }
    }
  }

  /// Copies chosen rows: `y[i, :] = x[rows[i], :]`.
  /// - Parameter y: `[rows.count, x.columns]`; its token count is set.
  public func copyRows(_ rows: [Int], of x: borrowing Activations, into y: inout Activations) {
    y.resize(tokens: rows.count)
    for (token, row) in rows.enumerated() { y.copyRow(row, of: x, to: token) }
  }
}
