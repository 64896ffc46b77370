#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

// Pointers here reach rows of matrices that the caller holds; indices stay within shapes that were checked.
extension Compute {
  /// The experts that a router chooses for a token, and their weights: the softmax over all experts, in f32, of which
  /// the best are kept and made to sum to 1.
  ///
  /// - Parameters:
  ///   - logits: `[experts]`.
  ///   - count: How many are chosen. Of experts with equal logits the lower index comes first; NaN is never chosen.
  /// - Returns: Best first.
  public func chosenExperts(_ logits: Span<Float>, count: Int, normalised: Bool = true) -> [(expert: Int, weight: Float)] {
    let chosen = topK(logits, count)
    guard let best = chosen.first else { return [] }
    let maximum = logits[best]
    var total: Float = 0
    for index in logits.indices { total += Float(exp(Double(logits[index] - maximum))) }
    let shares = chosen.map { Float(exp(Double(logits[$0] - maximum))) / total }
    guard normalised else { return Array(zip(chosen, shares)).map { ($0, $1) } }
    let sum = shares.reduce(0, +)
    return zip(chosen, shares).map { ($0, $1 / sum) }
  }

  /// The logistic function of a number.
  public func sigmoid(_ x: Float) -> Float { Float(1 / (1 + exp(-Double(x)))) }

  /// Sets every value to zero.
  public func clear(_ x: inout Activations) {
    for token in 0..<x.tokens { unsafe (x.base + token * x.stride).update(repeating: 0, count: x.columns) }
  }

  /// Adds weighted rows to chosen rows: `y[rows[i], :] += weights[i] * x[i, :]`, product and sum each rounded.
  /// - Parameters:
  ///   - weights: One for each row of `x`.
  ///   - rows: Rows of `y`, one for each row of `x`.
  public func add(_ x: borrowing Activations, times weights: [Float], toRows rows: [Int], of y: inout Activations) {
    precondition(x.columns == y.columns && weights.count == x.tokens && rows.count == x.tokens, "matrix shapes do not fit")
    precondition(rows.allSatisfy { $0 >= 0 && $0 < y.tokens }, "row out of range")
    for (token, row) in rows.enumerated() {
      let source = unsafe x.base + token * x.stride
      let target = unsafe y.base + row * y.stride
      let weight = weights[token]
      for index in 0..<x.columns { unsafe target[index] += weight * source[index] }
    }
  }
}
