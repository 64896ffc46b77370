/// A learning rate that rises in a line and falls in another, to zero at the end.
public struct LearningRate: Sendable, Hashable {
  public var peak: Float
  public var warmUp: Int
  public var steps: Int

  public init(peak: Float, warmUp: Int, steps: Int) { (self.peak, self.warmUp, self.steps) = (peak, warmUp, steps) }

  /// - Parameter step: From 0.
  public func rate(at step: Int) -> Float {
    if step < warmUp { return peak * Float(step + 1) / Float(warmUp) }
    return peak * Float(max(steps - step, 0)) / Float(max(steps - warmUp, 1))
  }
}
