/// A tree of drafted tokens under the token that was sampled last.
public struct DraftTree: Sendable, Hashable {
  /// A token per node, the root (the sampled token) first; parents come before their children.
  public let tokens: [Int]
  /// The parent of each node, -1 for the root.
  public let parents: [Int]
  /// The cumulative log-probability of each node under the draft, 0 for the root.
  public let scores: [Float]
  /// The distance of each node from the root.
  public let depths: [Int]

  /// - Precondition: All arrays are as long, and parents come before their children.
  public init(tokens: [Int], parents: [Int], scores: [Float]) {
    precondition(tokens.count == parents.count && tokens.count == scores.count, "a tree has one entry a node")
    var depths: [Int] = []
    for (node, parent) in parents.enumerated() {
      precondition(parent < node && (parent >= 0) == (node > 0), "parents come before their children")
      depths.append(node == 0 ? 0 : depths[parent] + 1)
    }
    self.tokens = tokens
    self.parents = parents
    self.scores = scores
    self.depths = depths
  }

  public var nodeCount: Int { tokens.count }

  /// The nodes from the root down to `node`, both included.
  public func path(to node: Int) -> [Int] {
    var path: [Int] = []
    var next = node
    while next >= 0 {
      path.append(next)
      next = parents[next]
    }
    return path.reversed()
  }

  /// The longest run of nodes, root first, in which every token is the target's choice after the one before.
  ///
  /// Of several as long the first counts, by ascending leaf. Since siblings bear different tokens there
  /// is at most one way down.
  /// - Parameter choices: The target's arg max after each node.
  public func accepted(byChoices choices: [Int]) -> [Int] {
    var accepted = [0]
    for node in 1..<max(1, nodeCount) where parents[node] == accepted[accepted.count - 1] {
      if tokens[node] == choices[parents[node]] { accepted.append(node) }
    }
    return accepted
  }
}
