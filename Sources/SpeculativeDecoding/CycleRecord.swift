/// One cycle of speculative decoding: a drafted tree, and what the target made of it.
public struct CycleRecord: Sendable {
  /// Tokens of text before the root: the root's position.
  public let position: Int
  public let tree: DraftTree
  /// How the tree came about.
  public let draft: DraftRecord
  /// Accepted nodes, root first, uncut.
  public let accepted: [Int]
  /// The target's token after the accepted ones: the next root.
  public let nextToken: Int
  /// Seconds of drafting the tree, feeding what was accepted to the draft included.
  public let draftSeconds: Double
  /// Seconds of the target's pass over the tree, with the choice of what is accepted.
  public let targetSeconds: Double

  package init(
    position: Int, tree: DraftTree, draft: DraftRecord, accepted: [Int], nextToken: Int, draftSeconds: Double = 0,
    targetSeconds: Double = 0
  ) {
    (self.position, self.tree, self.draft, self.accepted, self.nextToken) = (position, tree, draft, accepted, nextToken)
    (self.draftSeconds, self.targetSeconds) = (draftSeconds, targetSeconds)
  }

  /// Tokens that this cycle adds to the text.
  public var emitted: [Int] { accepted.map { tree.tokens[$0] } }
  /// Accepted drafted tokens, the root not counted.
  public var acceptedDraftTokens: Int { accepted.count - 1 }
}
