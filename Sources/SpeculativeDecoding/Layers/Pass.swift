internal import LinearAlgebra
internal import Models

/// What one pass's tokens have in common in every layer.
struct Pass {
  let compute: Compute
  let rotary: RotaryTable
  /// The position of each token.
  let positions: [Int]
  /// The cache rows that each token sees, its own included.
  private let visible: [VisibleRows]
  /// The same through the model's sliding window; empty where it has none.
  private let windowed: [VisibleRows]
  /// Whether this is the prefix that both sides of a comparison share.
  let isPrefill: Bool

  /// Tokens from which OpenBLAS is the faster way through a prompt (about 10 % at 128, 30 % at 512).
  private static let panelTokens = 128

  /// - Parameter window: Positions that layers with a sliding window see, nil where there are no such layers.
  init(
    compute: Compute, rotary: RotaryTable, positions: [Int], visible: [VisibleRows], window: Int? = nil,
    isPrefill: Bool = false
  ) {
    (self.compute, self.rotary, self.positions) = (compute, rotary, positions)
    (self.visible, self.isPrefill) = (visible, isPrefill)
    windowed = window.map { size in visible.map { $0.last(size) } } ?? []
  }

  /// The cache rows that each token sees in a layer.
  func visible(throughWindow: Bool) -> [VisibleRows] { throughWindow ? windowed : visible }

  func multiply(
    _ x: borrowing Activations, by weights: WeightMatrix, bias: [Float]?, into y: inout Activations
  ) throws {
    if isPrefill, x.tokens >= Pass.panelTokens {
      try compute.multiplyPrefill(x, by: weights, bias: bias, into: &y)
    } else {
      try compute.multiply(x, by: weights, bias: bias, into: &y)
    }
  }
}
