public import ByteStorage
internal import SpeculativeDecoding

extension DecodeTrace {
  /// The trace as a document, in the member order of `formats/trace.md`.
  public var document: JSONValue {
    .object([
      "format": .string(DecodeTrace.formatName),
      "version": .integer(DecodeTrace.formatVersion),
      "producer": .string(producer),
      "acceptance_length": .number(acceptanceLength),
      "settings": .object([
        "total_tokens": .integer(settings.totalTokens),
        "depth": .integer(settings.depth),
        "top_k": .integer(settings.topK),
        "temperature": .number(0),
        "max_new_tokens": .integer(settings.maxNewTokens),
        "stop_ids": .integers(settings.stopTokens.sorted()),
      ]),
      "cases": .array(cases.map(\.document)),
    ])
  }
}

extension DecodeTrace.Case {
  var document: JSONValue {
    .object([
      "name": .string(name),
      "prompt_ids": .integers(promptIDs),
      "vanilla_ids": .integers(vanillaIDs),
      "speculative_ids": .integers(speculativeIDs),
      "cycles": .array(cycles.map(\.document)),
      "target_top": .array(targetTop.map(\.document)),
      "draft_top": .array(draftTop.map(\.document)),
      "min_margin": minimumMargin.map { .number($0) } ?? .null,
    ])
  }
}

extension DecodeTrace.Cycle {
  fileprivate var document: JSONValue {
    .object([
      "tree_tokens": .integers(treeTokens),
      "tree_parents": .integers(treeParents),
      "accepted": .integers(accepted),
      "next_token": .integer(nextToken),
      "selection_margin": .number(selectionMargin),
    ])
  }
}

extension DecodeTrace.ScoredToken {
  fileprivate var document: JSONValue { .array([.integer(token), .number(score)]) }
}

extension JSONValue {
  static func integers(_ values: [Int]) -> JSONValue { .array(values.map { .integer($0) }) }
}
