internal import LinearAlgebra

/// The next token of a generation: the target's best, or one drawn from its distribution.
struct TokenChoice {
  private let settings: SamplingSettings?
  private let compute: Compute
  private var generator: SplitMix64

  init(_ settings: SamplingSettings?, _ compute: Compute) {
    (self.settings, self.compute) = (settings, compute)
    generator = SplitMix64(seed: settings?.seed ?? 0)
  }

  mutating func next(_ logits: Span<Float>) -> Int {
    guard let settings else { return compute.argmax(logits) }
    return TokenDistribution(logits: logits, settings).draw(using: &generator)
  }

  /// The accepted nodes of a tree, root first, and the token after them.
  /// - Parameter logits: A row a node.
  mutating func walk(_ tree: DraftTree, _ logits: borrowing Activations) -> TreeAcceptance.Outcome {
    guard let settings else {
      var choices: [Int] = []
      for node in 0..<tree.nodeCount { choices.append(compute.argmax(logits.row(node))) }
      let accepted = tree.accepted(byChoices: choices)
      return (accepted, choices[accepted[accepted.count - 1]])
    }
    // A walk visits few nodes: only their distributions are made, from a copy that a closure may keep.
    var rows: [[Float]] = []
    for node in 0..<tree.nodeCount { rows.append(logits.values(ofRow: node)) }
    return TreeAcceptance.exact.rule(tree, { TokenDistribution(logits: rows[$0], settings) }, &generator)
  }
}
