/// How a drafted tree is accepted where tokens are drawn, so that what comes out is distributed as the target alone would
/// draw it.
///
/// Walking down from the root, at a node with the target's distribution `p`, each child in order is accepted with
/// probability `p(child)`; a refused child is taken out of `p`, which is renormalised. Where all are refused the next token
/// is drawn from what is left of `p`, and at a leaf from `p` itself.
///
/// - Source: GRIFFIN, `evaluate_posterior`, but for the token after a wholly accepted path, which is drawn here from the
///   tempered and cut distribution like every other.
public struct TreeAcceptance: Sendable {
  /// The nodes accepted, root first, and the token after them.
  public typealias Outcome = (accepted: [Int], next: Int)
  /// Tests put wrong rules here.
  public typealias Rule = @Sendable (
    _ tree: DraftTree, _ distribution: (_ node: Int) -> TokenDistribution, _ generator: inout SplitMix64
  ) -> Outcome

  public let rule: Rule

  public init(rule: @escaping Rule) { self.rule = rule }

  /// The right rule.
  public static let exact = TreeAcceptance { tree, distribution, generator in
    var accepted = [0]
    while true {
      let node = accepted[accepted.count - 1]
      var left = distribution(node)
      var next: Int?
      for child in tree.children(of: node) {
        let token = tree.tokens[child]
        // Refusing the last token that is left has no probability; only rounding could ask for it.
        if generator.uniform() < left[token] || !left.remove(token) {
          next = child
          break
        }
      }
      guard let next else { return (accepted, left.draw(using: &generator)) }
      accepted.append(next)
    }
  }
}

extension DraftTree {
  /// The children of a node, best first.
  public func children(of node: Int) -> [Int] { (node + 1..<max(nodeCount, node + 1)).filter { parents[$0] == node } }
}
