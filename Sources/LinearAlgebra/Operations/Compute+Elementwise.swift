internal import CKernels

// Pointers here reach rows of matrices that the caller holds; indices stay within shapes that were checked.
extension Compute {
  /// Adds a matrix to columns of another: `y[t, column + c] += x[t, c]`.
  /// - Parameter column: Where the first column of `x` goes.
  public func add(_ x: borrowing Activations, into y: inout Activations, at column: Int = 0) {
    precondition(x.tokens == y.tokens && column >= 0 && column + x.columns <= y.columns, "matrix shapes do not fit")
    for token in 0..<x.tokens {
      let source = unsafe x.base + token * x.stride
      let target = unsafe y.base + token * y.stride + column
      for index in 0..<x.columns { unsafe target[index] += source[index] }
    }
  }

  /// Multiplies every value: `x *= factor`.
  public func scale(_ x: inout Activations, by factor: Float) {
    for token in 0..<x.tokens {
      let row = unsafe x.base + token * x.stride
      for index in 0..<x.columns { unsafe row[index] *= factor }
    }
  }

  /// Replaces every value by `x / (1 + exp(-x))`.
  public func silu(_ x: inout Activations) {
    nonisolated(unsafe) let base = unsafe x.base
    let (columns, stride) = (x.columns, x.stride)
    share(x.tokens, step: 1, work: x.tokens * columns * 4) { tokens in
      for token in tokens { unsafe kernels.silu(base + token * stride, columns) }
    }
  }

  /// The gate of a SwiGLU block: `gate = silu(gate) * up`.
  public func siluMultiply(gate: inout Activations, up: borrowing Activations) {
    precondition(gate.tokens == up.tokens && gate.columns == up.columns, "matrix shapes do not fit")
    nonisolated(unsafe) let base = unsafe gate.base
    nonisolated(unsafe) let factor = unsafe up.base
    let (columns, stride) = (gate.columns, gate.stride)
    share(gate.tokens, step: 1, work: gate.tokens * columns * 4) { tokens in
      for token in tokens { unsafe kernels.silu_multiply(base + token * stride, factor + token * stride, columns) }
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
      let source = unsafe x.base + token * x.stride + columns.lowerBound
      unsafe (y.base + token * y.stride + column).update(from: source, count: columns.count)
    }
  }

  /// Copies chosen rows: `y[i, :] = x[rows[i], :]`.
  /// - Parameter y: `[rows.count, x.columns]`; its token count is set.
  public func copyRows(_ rows: [Int], of x: borrowing Activations, into y: inout Activations) {
    y.resize(tokens: rows.count)
    for (token, row) in rows.enumerated() { y.copyRow(row, of: x, to: token) }
  }
}
