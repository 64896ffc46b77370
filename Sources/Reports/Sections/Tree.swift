internal import ByteStorage

extension Section {
  /// One drafted tree with what the target accepted of it.
  static func tree(_ page: ReportPage) -> Section? {
    guard let tree = page.verification?["drafted_tree"], !tree.isNull else { return nil }
    let (tokens, parents, probabilities) = (tree.integers("tokens"), tree.integers("parents"), tree.numbers("probabilities"))
    let (pieces, accepted) = (tree.list("pieces").compactMap(\.string), tree.integers("accepted"))
    guard !tokens.isEmpty, parents.count == tokens.count, probabilities.count == tokens.count,
      parents.enumerated().allSatisfy({ $1 < $0 && ($1 >= 0) == ($0 > 0) })
    else { return nil }
    func name(_ node: Int) -> String { pieces.count == tokens.count && !pieces[node].isEmpty ? pieces[node] : "#\(tokens[node])" }
    let path = Set(accepted)
    let drawing = TreeDrawing(nodes: tokens.indices.map {
      TreeDrawing.Node(text: name($0), probability: probabilities[$0], parent: parents[$0], isAccepted: path.contains($0))
    })
    let taken = accepted.dropFirst().filter(tokens.indices.contains).map { Escaping.token(name($0)) }
    let said = taken.isEmpty ? "none of them" : "\(taken.count): " + taken.joined(separator: " · ")
    return Section(
      id: "tree", title: "A drafted tree",
      lead: "Cycle \((tree.integer("cycle") ?? 0) + 1) of “\(tree.string("case") ?? "")”. From the token on the left the draft proposed \(tokens.count - 1) tokens; beside each stands the draft's probability of the whole path to it. The target accepted \(said.shortened(to: 400)).",
      body: [drawing.node(title: "A drafted tree of \(tokens.count) nodes", description: "The target accepted \(said.shortened(to: 400)).")])
  }
}
