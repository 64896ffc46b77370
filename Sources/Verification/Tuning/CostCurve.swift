/// What passes cost by the tokens that go through them: measured at some counts, linear between them.
public struct CostCurve: Sendable {
  /// Tokens of a pass, ascending, and its median seconds.
  public private(set) var points: [(tokens: Int, seconds: Double)] = []

  public init() {}

  /// - Parameter samples: Seconds of several passes at each count of tokens.
  public init(_ samples: [Int: [Double]]) {
    points = samples.sorted { $0.key < $1.key }.map { ($0.key, CostCurve.median($0.value)) }
  }

  /// Seconds of a pass; beyond the counts that were measured as between the nearest two.
  /// - Precondition: At least one count was measured.
  public func seconds(_ tokens: Int) -> Double {
    guard points.count > 1 else { return points[0].seconds }
    let after = points.firstIndex { $0.tokens >= tokens } ?? points.count - 1
    let (low, high) = (points[max(0, after - 1)], points[max(1, after)])
    let share = Double(tokens - low.tokens) / Double(high.tokens - low.tokens)
    return max(0, low.seconds + share * (high.seconds - low.seconds))
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
