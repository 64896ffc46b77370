public import ByteStorage
public import Quantization
public import Tensors

/// Types that were chosen, what they cost, and what else there was to choose.
public struct AllocationResult: Sendable {
  /// A choice of types for all matrices, as it was measured on the sample.
  public struct Point: Sendable, Hashable {
    /// `allocated`, or the name of a recipe.
    public let name: String
    /// Of the bundle.
    public let byteCount: Int
    /// Mean KL of the target, in nats a token.
    public let divergence: Double
    /// The share of positions at which the target chooses the same token.
    public let agreement: Double
    /// Tokens a cycle of a chain of draft passes; nil without a draft.
    public let acceptance: Double?
  }

  /// What one matrix, or several that go together, got.
  public struct Assignment: Sendable, Hashable {
    public let names: [String]
    public let type: ElementType
    public let byteCount: Int
    /// What it is expected to lose alone, in nats a token.
    public let loss: Double
  }

  public let recipe: RecipeFile
  public let chosen: Point
  /// The sum of what the groups lose alone: what the whole was expected to lose, drafts included.
  public let expectedLoss: Double
  /// What no choice of this size can lose less than, by the same sum.
  public let bound: Double
  /// Tokens a cycle of the pair as it is; nil without a draft.
  public let acceptanceSource: Double?
  public let assignments: [Assignment]
  /// Choices of other sizes and what recipes make, from the smallest to the largest.
  public let frontier: [Point]
  /// Tokens of the sample.
  public let tokens: Int

  /// The command's JSON, without what the command adds.
  public var document: JSONObject {
    var types = JSONObject()
    for assignment in assignments.sorted(by: { $0.type.rawValue < $1.type.rawValue }) {
      types[assignment.type.rawValue] = .integer((types[assignment.type.rawValue]?.integer ?? 0) + assignment.names.count)
    }
    return [
      "recipe": .string(recipe.name), "bytes": .integer(chosen.byteCount), "kl_mean": .number(chosen.divergence),
      "top1_agreement": .number(chosen.agreement), "acceptance_length": .optional(chosen.acceptance),
      "acceptance_length_source": .optional(acceptanceSource), "expected_loss": .number(expectedLoss), "bound": .number(bound),
      "tokens": .integer(tokens), "types": .object(types), "frontier": .array(frontier.map(\.document)),
      "groups": .array(assignments.map(\.document)),
    ]
  }
}

extension AllocationResult.Point {
  var document: JSONValue {
    .object([
      "name": .string(name), "bytes": .integer(byteCount), "kl_mean": .number(divergence), "top1_agreement": .number(agreement),
      "acceptance_length": .optional(acceptance),
    ])
  }
}

extension AllocationResult.Assignment {
  fileprivate var document: JSONValue {
    .object([
      "tensors": .array(names.map { .string($0) }), "type": .string(type.rawValue), "bytes": .integer(byteCount), "loss": .number(loss),
    ])
  }
}
