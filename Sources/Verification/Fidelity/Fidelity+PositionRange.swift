internal import ByteStorage
internal import Statistics

extension Fidelity {
  /// Positions of a text that are told together.
  public struct PositionRange: Sendable, Hashable {
    public let positions: Range<Int>
    /// Positions of all texts that lie in it.
    public private(set) var count = 0
    private var divergence = 0.0
    private var agreeing = 0

    init(positions: Range<Int>) { self.positions = positions }

    public var klMean: Double { count == 0 ? 0 : divergence / Double(count) }
    public var top1Agreement: Double { count == 0 ? 1 : Double(agreeing) / Double(count) }

    mutating func add(_ divergence: Double, agrees: Bool) {
      count += 1
      self.divergence += divergence
      if agrees { agreeing += 1 }
    }

    var document: JSONValue {
      .object([
        "from": .integer(positions.lowerBound), "to": .integer(positions.upperBound), "positions": .integer(count),
        "kl_mean": .number(klMean), "top1_agreement": .number(top1Agreement),
      ])
    }
  }
}

extension Judgement {
  var document: JSONValue {
    .object([
      "name": .string(name), "value": .number(value), "interval": interval.document, "limit": .number(limit),
      "side": .string(isUpperLimit ? "at_most" : "at_least"), "verdict": .string(verdict.rawValue),
    ])
  }
}
