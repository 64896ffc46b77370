internal import ByteStorage
internal import SpeculativeDecoding
internal import Statistics
internal import Tokenization

extension CaseResult {
  /// What each generated token adds to the text: with the draft, without one plainly.
  func pieces(_ tokenizer: Tokenizer) -> [String] {
    let ids = speculativeIDs.isEmpty ? vanillaIDs : speculativeIDs
    var decoder = TextDecoder(tokenizer)
    var pieces = ids.map { decoder.append($0) }
    if !pieces.isEmpty { pieces[pieces.count - 1] += decoder.finish() }
    return pieces
  }
}

extension VerificationReport {
  /// A tree that is drawn as an example: of the first prompt with cycles, the first whose acceptance is nearest to the mean.
  var draftedTree: JSONValue {
    guard let result = cases.first(where: { !$0.cycles.isEmpty }), let mean = summary.acceptanceLength else { return .null }
    let distances = result.cycles.map { abs(Double($0.accepted.count) - mean) }
    guard let least = distances.min(), let index = distances.firstIndex(of: least) else { return .null }
    let cycle = result.cycles[index]
    let tree = cycle.tree
    return .object([
      "case": .string(result.name), "cycle": .integer(index), "position": .integer(cycle.position), "tokens": .integers(tree.tokens),
      "parents": .integers(tree.parents),
      "probabilities": .array(tree.scores.map { .number(SpecialFunctions.exponential(Double($0))) }),
      "accepted": .integers(cycle.accepted), "next_token": .integer(cycle.nextToken),
      "pieces": tokenizer.map { .array(pieces(of: tree, $0).map { .string($0) }) } ?? .null,
    ])
  }

  /// What each node adds to the text before it.
  private func pieces(of tree: DraftTree, _ tokenizer: Tokenizer) -> [String] {
    tree.tokens.indices.map { node in
      var decoder = TextDecoder(tokenizer, skipsSpecialTokens: false)
      // Whatever comes before: at the start of a text a tokenizer may drop a space.
      _ = decoder.append(tree.tokens[max(tree.parents[node], 0)])
      return decoder.append(tree.tokens[node])
    }
  }
}
