/// Seconds that the passes of a pair take on one machine.
public struct DecodingCosts: Sendable {
  /// Plain decoding of one token.
  public var plainToken = 0.0
  /// The target's pass by the nodes of a tree.
  public var target = CostCurve()
  /// The draft's continuation of the text, from which a tree begins.
  public var draftStart = 0.0
  /// The draft's pass by its beams.
  public var draftPass = CostCurve()
  /// Feeding accepted tokens to the draft, by their number.
  public var draftExtension = CostCurve()

  public init() {}

  /// Seconds of a cycle.
  /// - Parameters:
  ///   - tokens: Tokens that a cycle adds to the text on average.
  package func cycle(_ shape: TreeShape, tokens: Double) -> Double {
    let low = draftExtension.seconds(Int(tokens)), high = draftExtension.seconds(Int(tokens) + 1)
    return target.seconds(shape.totalTokens) + draftStart + Double(shape.depth) * draftPass.seconds(shape.topK)
      + low + (high - low) * (tokens - tokens.rounded(.down))
  }
}
