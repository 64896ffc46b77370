internal import CKernels

extension Compute {
  /// Multiplies tokens by a matrix: `y[t, r] = weights[r, :] · x[t, :] + bias[r]`.
  ///
  /// One token is as fast as its weights can be read; several share them.
  /// - Parameters:
  ///   - x: `[tokens, weights.columns]`.
  ///   - weights: `[rows, columns]`.
  ///   - bias: `[rows]`, added after the dot product.
  ///   - y: `[tokens, rows]`; its token count is set.
  /// - Throws: What the source of the weights throws.
  public func multiply(
    _ x: borrowing Activations, by weights: WeightMatrix, bias: [Float]? = nil, into y: inout Activations
  ) throws {
    try run(x, weights, bias, &y) { product in
      let work = weights.rows * weights.columns * product.tokens
      share(weights.rows, step: rowsAtATime(weights, tokens: product.tokens), work: work) { rows in
        if !product.multiplyFew(rows) { product.multiply(rows) }
      }
    }
  }

  /// Shows inputs to who watches those of a matrix, where the product itself is not needed.
  public func observe(_ x: borrowing Activations, for weights: WeightMatrix) { weights.inputs?.add(x) }

  /// Decodes chosen rows of a matrix, as an embedding looks up its tokens: `y[i, :] = weights[indices[i], :]`.
  /// - Parameters:
  ///   - indices: Rows of `weights`, each in range.
  ///   - y: `[indices.count, weights.columns]`; its token count is set.
  /// - Throws: What the source of the weights throws.
  public func gather(_ indices: [Int], of weights: WeightMatrix, into y: inout Activations) throws {
    precondition(y.columns == weights.columns, "rows of \(weights.columns) into \(y.columns) columns")
    precondition(indices.allSatisfy { $0 >= 0 && $0 < weights.rows }, "row out of range")
    y.resize(tokens: indices.count)
    try weights.withRows { bytes in
      for (token, index) in indices.enumerated() {
        var row = y.mutableRow(token)
        weights.decoder.decode(bytes.extracting(index * weights.rowBytes..<(index + 1) * weights.rowBytes), into: &row)
      }
    }
  }

  /// Checks shapes, borrows the weights and adds the bias around a product.
  func run(
    _ x: borrowing Activations, _ weights: WeightMatrix, _ bias: [Float]?, _ y: inout Activations,
    _ body: (Multiplication) -> Void
  ) throws {
    precondition(
      x.columns == weights.columns && y.columns == weights.rows,
      "[\(weights.rows), \(weights.columns)] weights do not fit \(x.columns) to \(y.columns) columns")
    precondition(bias == nil || bias?.count == weights.rows, "a bias for each row")
    y.resize(tokens: x.tokens)
    guard x.tokens > 0 else { return }
    weights.inputs?.add(x)
    try weights.withRows { bytes in
      unsafe bytes.withUnsafeBytes { buffer in
        guard let start = buffer.baseAddress else { return }
        unsafe body(
          Multiplication(
            decoder: weights.decoder, bytes: start, rowBytes: weights.rowBytes, columns: weights.columns,
            x: x.base, xStride: x.stride, tokens: x.tokens, y: y.base, yStride: y.stride,
            kernels: kernels, floatKernels: floatKernels, rowKernels: weights.decoder.kernels(for: instructionSet),
            scratch: scratch))
      }
    }
    if let bias {
      for token in 0..<y.tokens {
        var row = y.mutableRow(token)
        for index in row.indices { row[index] += bias[index] }
      }
    }
  }

  /// Rows that a thread takes at least: whole panels, about 256 KiB of one token's weights or as
  /// much work, and few enough that every thread has some.
  private func rowsAtATime(_ weights: WeightMatrix, tokens: Int) -> Int {
    let panel = Multiplication.panelRows
    let bytes = max(weights.rowBytes, 1) * min(tokens, 16)
    let wanted = (1 << 18) / bytes
    let share = (weights.rows + pool.threadCount - 1) / pool.threadCount
    return max((min(wanted, share) + panel - 1) / panel, 1) * panel
  }
}
