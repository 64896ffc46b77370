internal import COpenBLAS

/// A square system of linear equations, factored once in single precision and solved in double by refinement.
///
/// Single precision halves the memory; each step of refinement takes the residual, which the caller computes in double from the
/// matrix as it is stored, and gains the digits that are missing.
/// - Source: LAPACK's `sgetrf` and `sgetrs`.
public struct LinearSystem {
  private var factors: [Float]
  private var pivots: [Int32]
  private let size: Int

  /// - Parameter rows: The matrix, `[size, size]`, row after row.
  /// - Returns: nil where it is singular.
  public init?(_ rows: consuming [Float], size: Int) {
    precondition(rows.count == size * size && size > 0, "\(rows.count) elements are no square of \(size)")
    self.size = size
    factors = rows
    pivots = [Int32](repeating: 0, count: size)
    var (n, info) = (Int32(size), Int32(0))
    // Sound: the arrays have n * n and n elements, which is what the routine reads and writes.
    unsafe factors.withUnsafeMutableBufferPointer { matrix in
      unsafe pivots.withUnsafeMutableBufferPointer { pivots in
        unsafe sgetrf_(&n, &n, matrix.baseAddress, &n, pivots.baseAddress, &info)
      }
    }
    guard info == 0 else { return nil }
  }

  /// Solves the system by refinement until the residual shrinks no more.
  /// - Parameters:
  ///   - right: The right side, `[size]`.
  ///   - product: The matrix by a vector, in double precision.
  /// - Returns: The solution, and the norm of what is left of the right side divided by its own.
  public func solve(
    _ right: [Double], multiplying product: (_ vector: [Double]) throws -> [Double]
  ) rethrows -> (solution: [Double], residual: Double) {
    precondition(right.count == size, "\(right.count) elements on the right of \(size) equations")
    let scale = LinearSystem.norm(right)
    guard scale > 0 else { return (right, 0) }
    var (solution, rest) = ([Double](repeating: 0, count: size), right)
    var best = (solution: solution, residual: 1.0)
    for _ in 0..<LinearSystem.stepLimit {
      let step = correction(rest)
      for index in solution.indices { solution[index] += step[index] }
      let result = try product(solution)
      rest = zip(right, result).map { $0 - $1 }
      let residual = LinearSystem.norm(rest) / scale
      guard residual.isFinite, residual < best.residual else { break }
      let isDone = residual > best.residual / 2
      best = (solution, residual)
      if isDone { break }
    }
    return best
  }

  private static let stepLimit = 20

  private static func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// An approximate solution for a right side.
  private func correction(_ right: [Double]) -> [Double] {
    // Scaled, so that a small residual keeps its digits.
    let largest = right.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { return right }
    var values = right.map { Float($0 / largest) }
    var (n, one, info) = (Int32(size), Int32(1), Int32(0))
    // Rows are LAPACK's columns, hence the transpose.
    var transpose = CChar(UInt8(ascii: "T"))
    // Sound: as above; the factors are only read.
    unsafe factors.withUnsafeBufferPointer { matrix in
      unsafe pivots.withUnsafeBufferPointer { pivots in
        unsafe values.withUnsafeMutableBufferPointer { values in
          unsafe sgetrs_(&transpose, &n, &one, matrix.baseAddress, &n, pivots.baseAddress, values.baseAddress, &n, &info)
        }
      }
    }
    return values.map { Double($0) * largest }
  }
}
