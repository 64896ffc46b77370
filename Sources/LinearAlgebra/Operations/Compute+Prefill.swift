internal import COpenBLAS

extension Compute {
  /// `multiply` for long prompts, through OpenBLAS: faster where there are many tokens, but a token's
  /// bits depend on how many are computed together (never on the number of threads).
  ///
  /// Panels of 128 rows are decoded and multiplied by one single-threaded call each.
  /// - Throws: What the source of the weights throws.
  public func multiplyPrefill(
    _ x: borrowing Activations, by weights: WeightMatrix, bias: [Float]? = nil, into y: inout Activations
  ) throws {
    Compute.useOneThread
    let (panelRows, rows, columns) = (128, weights.rows, weights.columns)
    try run(x, weights, bias, &y) { product in
      pool.share((rows + panelRows - 1) / panelRows) { job in
        let panel = UnsafeMutablePointer<Float>.allocate(capacity: panelRows * columns)
        defer { unsafe panel.deallocate() }
        while let index = job.next() {
          let first = index * panelRows
          let count = min(panelRows, rows - first)
          for row in 0..<count { unsafe product.decode(first + row, 0, columns, panel + row * columns) }
          unsafe cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, blasint(product.tokens), blasint(count), blasint(columns),
            1, product.x, blasint(product.xStride), panel, blasint(columns),
            0, product.y + first, blasint(product.yStride))
        }
      }
    }
  }

  /// Summation order is part of the result, so OpenBLAS must not split sums among threads of its own.
  static let useOneThread: Void = openblas_set_num_threads(1)
}
