public import SpeculativeDecoding

/// The size of a draft tree: what a machine's speed decides, and what tokens are drafted does not.
public struct TreeShape: Sendable, Hashable {
  /// Nodes with the root, at most.
  public var totalTokens: Int
  /// Draft passes after the first.
  public var depth: Int
  /// Beams of a pass and children of a beam.
  public var topK: Int

  public init(totalTokens: Int, depth: Int, topK: Int) {
    (self.totalTokens, self.depth, self.topK) = (totalTokens, depth, topK)
  }
}

extension DecodeSettings {
  /// The size of the trees that are drafted.
  public var tree: TreeShape {
    get { TreeShape(totalTokens: totalTokens, depth: depth, topK: topK) }
    set { (totalTokens, depth, topK) = (newValue.totalTokens, newValue.depth, newValue.topK) }
  }
}
