public import ByteStorage

/// The tree that suits a machine, how it was found, and what it gave.
public struct TuningResult: Sendable {
  public let costs: DecodingCosts
  /// The best trees, the best first: it is the one that was measured.
  public let best: [TreeChoice]
  /// Places of text that acceptance was seen at, and the prompts that they belong to.
  public let places: Int
  public let prompts: Int
  /// Times the speed of plain decoding, a round each.
  public let measuredSpeedups: [Double]

  public var chosen: TreeChoice { best[0] }
  public var measuredSpeedup: Double { CostCurve.median(measuredSpeedups) }
  /// Whether speculative decoding is faster here than plain decoding.
  public var pays: Bool { measuredSpeedup > 1 }

  /// The result as the contract's JSON document.
  public func document(warnings: [String]) -> JSONValue {
    var object = chosen.document
    object["measured_speedup"] = .object([
      "median": .number(measuredSpeedup), "least": .number(measuredSpeedups.min() ?? 0),
      "most": .number(measuredSpeedups.max() ?? 0),
    ])
    object["pays"] = .bool(pays)
    for member in costs.document.members { object[member.key] = member.value }
    object["prompts"] = .integer(prompts)
    object["places"] = .integer(places)
    object["trees"] = .array(best.map { .object($0.document) })
    object["warnings"] = .array(warnings.map { .string($0) })
    return .object(object)
  }
}

extension TreeChoice {
  fileprivate var document: JSONObject {
    [
      "total_tokens": .integer(shape.totalTokens), "depth": .integer(shape.depth), "top_k": .integer(shape.topK),
      "expected_speedup": .number(expectedSpeedup), "tokens_per_cycle": .number(tokensPerCycle),
      "cycle_seconds": .number(secondsPerCycle), "acceptance_by_position": .array(acceptanceByPosition.map { .number($0) }),
    ]
  }
}

extension DecodingCosts {
  /// The keys of `document`.
  static let keys = ["plain_token_seconds", "pass_seconds", "draft_start_seconds", "draft_pass_seconds", "draft_extension_seconds"]

  var document: JSONObject {
    [
      "plain_token_seconds": .number(plainToken), "pass_seconds": target.document, "draft_start_seconds": .number(draftStart),
      "draft_pass_seconds": draftPass.document, "draft_extension_seconds": draftExtension.document,
    ]
  }
}

extension CostCurve {
  fileprivate var document: JSONValue {
    var object = JSONObject()
    for point in points { object["\(point.tokens)"] = .number(point.seconds) }
    return .object(object)
  }
}
