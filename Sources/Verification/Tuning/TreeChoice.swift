/// A tree and what it is expected to give.
public struct TreeChoice: Sendable {
  public let shape: TreeShape
  /// Tokens that a cycle adds to the text.
  public let tokensPerCycle: Double
  public let secondsPerCycle: Double
  /// Times the speed of plain decoding, after the prompt.
  public let expectedSpeedup: Double
  /// The share of cycles with at least 1, 2, … drafted tokens accepted.
  public let acceptanceByPosition: [Double]
}

extension TreeChoice {
  private static let totals = [2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 60, 64]
  private static let widths = [1, 2, 3, 4, 5, 6, 8, 10]

  /// Trees of many shapes, the fastest first.
  static func ranked(_ sample: AcceptanceSample, _ costs: DecodingCosts) -> [TreeChoice] {
    var all: [TreeChoice] = []
    for topK in widths {
      for depth in 0...AcceptanceSample.widest.depth {
        let orders = sample.orders(depth: depth, topK: topK)
        // A search of this size makes no more nodes.
        let most = 1 + topK + depth * topK * topK
        for total in totals.filter({ $0 < most }) + (most <= AcceptanceSample.widest.totalTokens ? [most] : []) {
          let shape = TreeShape(totalTokens: total, depth: depth, topK: topK)
          let shares = AcceptanceSample.byPosition(orders, totalTokens: total, depth: depth)
          let tokens = 1 + shares.reduce(0, +)
          let seconds = costs.cycle(shape, tokens: tokens)
          all.append(
            TreeChoice(
              shape: shape, tokensPerCycle: tokens, secondsPerCycle: seconds,
              expectedSpeedup: tokens * costs.plainToken / seconds, acceptanceByPosition: shares))
        }
      }
    }
    // Of equally fast ones the smaller.
    return all.sorted { left, right in
      let (l, r) = (left.shape, right.shape)
      return (right.expectedSpeedup, l.totalTokens, l.depth, l.topK) < (left.expectedSpeedup, r.totalTokens, r.depth, r.topK)
    }
  }
}
