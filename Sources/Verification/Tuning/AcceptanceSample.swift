public import SpeculativeDecoding

/// What a draft would have had accepted, at many places of text, by the size of its trees.
public struct AcceptanceSample {
  /// Trees up to this size are told apart.
  public static let widest = TreeShape(totalTokens: 64, depth: 10, topK: 10)

  private var places: [DraftedPlace] = []

  public init() {}

  public var count: Int { places.count }

  /// Adds the cycles of a generation that drafted trees of the widest shape.
  ///
  /// The last cycles are left out: of them it is not known how the text went on.
  public mutating func add(_ cycles: [CycleRecord]) {
    guard let last = cycles.last else { return }
    let text = cycles.flatMap(\.emitted) + [last.nextToken]
    var start = 0
    for cycle in cycles {
      let continuation = text[(start + 1)...].prefix(AcceptanceSample.widest.depth + 1)
      if continuation.count == AcceptanceSample.widest.depth + 1 {
        places.append(DraftedPlace(cycle.draft, continuation: Array(continuation)))
      }
      start += cycle.accepted.count
    }
  }

  /// For each place, where accepted tokens stand in the order of trees of this depth and width.
  func orders(depth: Int, topK: Int) -> [[Int]] { places.map { $0.order(depth: depth, topK: topK) } }

  /// The share of places where a tree of this shape has at least 1, 2, … drafted tokens accepted.
  public func acceptanceByPosition(_ shape: TreeShape) -> [Double] {
    AcceptanceSample.byPosition(orders(depth: shape.depth, topK: shape.topK), totalTokens: shape.totalTokens, depth: shape.depth)
  }

  static func byPosition(_ orders: [[Int]], totalTokens: Int, depth: Int) -> [Double] {
    guard !orders.isEmpty else { return [] }
    let accepted = orders.map { $0.prefix { $0 < totalTokens - 1 }.count }
    return (1..<depth + 2).map { position in Double(accepted.count { $0 >= position }) / Double(accepted.count) }
  }
}
