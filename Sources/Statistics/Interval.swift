package import ByteStorage

/// Where a quantity lies, as far as what was seen tells: `low...high` covers it with the confidence that `formats/verification.md`
/// states.
public struct Interval: Sendable, Hashable {
  public var low: Double
  public var high: Double

  public init(_ low: Double, _ high: Double) { (self.low, self.high) = (low, high) }

  /// Nothing is known.
  package static let everything = Interval(-.infinity, .infinity)

  /// What is known exactly.
  package init(exactly value: Double) { self.init(value, value) }

  /// Both ends of another, where a function that grows takes them.
  package func map(_ body: (Double) -> Double) -> Interval { Interval(body(low), body(high)) }

  /// The part within bounds that hold whatever was seen.
  package func clamped(to bounds: ClosedRange<Double>) -> Interval {
    Interval(min(max(low, bounds.lowerBound), bounds.upperBound), max(min(high, bounds.upperBound), bounds.lowerBound))
  }

  /// `[low, high]`; null where an end is open.
  package var document: JSONValue {
    func end(_ value: Double) -> JSONValue { value.isFinite ? .number(value) : .null }
    return .array([end(low), end(high)])
  }
}

/// A quantity that was judged: its interval against its limit.
public struct Judgement: Sendable {
  public enum Verdict: String, Sendable, Hashable, Comparable {
    /// The interval lies within the tolerance.
    case holds
    /// It straddles the limit.
    case undecided
    /// It lies beyond.
    case fails

    private var rank: Int { self == .holds ? 0 : self == .undecided ? 1 : 2 }
    public static func < (left: Verdict, right: Verdict) -> Bool { left.rank < right.rank }
  }

  /// The contract's name, such as `kl_mean`.
  public let name: String
  public let value: Double
  public let interval: Interval
  public let limit: Double
  /// Whether the limit is the largest value that is allowed, and not the least.
  public let isUpperLimit: Bool

  public init(name: String, value: Double, interval: Interval, limit: Double, isUpperLimit: Bool) {
    (self.name, self.value, self.interval, self.limit, self.isUpperLimit) = (name, value, interval, limit, isUpperLimit)
  }

  public var verdict: Verdict {
    let (within, beyond) =
      isUpperLimit ? (interval.high <= limit, interval.low > limit) : (interval.low >= limit, interval.high < limit)
    return within ? .holds : beyond ? .fails : .undecided
  }

  /// How many times as much text would bring the interval to this side of the limit, if the value stays; nil where none would.
  package var neededFactor: Double? {
    let half = max(interval.high - value, value - interval.low)
    let distance = abs(value - limit)
    guard half.isFinite, distance > 0 else { return nil }
    return (half / distance) * (half / distance)
  }
}
