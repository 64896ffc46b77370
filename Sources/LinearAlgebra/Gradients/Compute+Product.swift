internal import COpenBLAS

/// How a product reads a matrix.
public enum MatrixOrder: Sendable, Hashable {
  case plain, transposed
}

extension Compute {
  /// Rows and columns of the result that one call of OpenBLAS computes. Fixed, so that a result does not depend on the number of threads.
  private static let (panelRows, panelColumns) = (128, 256)

  /// A product of two matrices of floats, `y = a · b` or `y += a · b`, through OpenBLAS in panels that threads share.
  ///
  /// The same bits whatever the number of threads; unlike `multiply`, not on every instruction set.
  /// - Parameters:
  ///   - a: `[m, k]`, or `[k, m]` where it is read transposed.
  ///   - b: `[k, n]`, or `[n, k]` where it is read transposed.
  ///   - adds: Whether the product is added to what `y` holds.
  ///   - y: `[m, n]`; its token count is set unless the product is added.
  public func product(
    _ a: borrowing Activations, _ aOrder: MatrixOrder = .plain, _ b: borrowing Activations, _ bOrder: MatrixOrder = .plain,
    adds: Bool = false, into y: inout Activations
  ) {
    let (m, k) = aOrder == .plain ? (a.tokens, a.columns) : (a.columns, a.tokens)
    let (n, inner) = bOrder == .plain ? (b.columns, b.tokens) : (b.tokens, b.columns)
    precondition(k == inner && y.columns == n && (!adds || y.tokens == m), "[\(m), \(k)] by [\(inner), \(n)] into \(y.columns) columns")
    if !adds { y.resize(tokens: m) }
    guard m > 0, n > 0 else { return }
    guard k > 0 else { return adds ? () : clear(&y) }
    Compute.useOneThread
    let (rowPanels, columnPanels) = ((m - 1) / Compute.panelRows + 1, (n - 1) / Compute.panelColumns + 1)
    let (aStride, bStride, yStride) = (a.stride, b.stride, y.stride)
    // Sound: panels lie within the shapes that were checked, and each is written by one thread.
    nonisolated(unsafe) let (left, right, result) = unsafe (a.base, b.base, y.base)
    pool.forEach(rowPanels * columnPanels) { panel in
      let (row, column) = (panel / columnPanels * Compute.panelRows, panel % columnPanels * Compute.panelColumns)
      let (rows, columns) = (min(Compute.panelRows, m - row), min(Compute.panelColumns, n - column))
      unsafe cblas_sgemm(
        CblasRowMajor, aOrder == .plain ? CblasNoTrans : CblasTrans, bOrder == .plain ? CblasNoTrans : CblasTrans,
        blasint(rows), blasint(columns), blasint(k), 1, left + row * (aOrder == .plain ? aStride : 1), blasint(aStride),
        right + column * (bOrder == .plain ? 1 : bStride), blasint(bStride), adds ? 1 : 0,
        result + row * yStride + column, blasint(yStride))
    }
  }
}
