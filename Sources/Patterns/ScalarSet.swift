/// A set of characters as an expression spells it: a literal, a property, a class.
struct ScalarSet: Sendable, Hashable {
  indirect enum Content: Sendable, Hashable {
    case ranges([ClosedRange<UInt32>])
    /// Bits of general categories.
    case categories(UInt32)
    case alphabetic
    /// Assigned by a version of Unicode.
    case assigned(by: Int)
    case union([Content])
    case both(Content, Content)
    case not(Content)
  }

  let content: Content
  /// Which of the first 128 scalars are in.
  private let low, high: UInt64

  init(_ content: Content) {
    self.content = content
    var bits: (UInt64, UInt64) = (0, 0)
    for scalar in UInt32(0)..<64 where ScalarSet.holds(content, scalar) { bits.0 |= 1 << UInt64(scalar) }
    for scalar in UInt32(64)..<128 where ScalarSet.holds(content, scalar) { bits.1 |= 1 << UInt64(scalar - 64) }
    (low, high) = bits
  }

  init(_ scalar: UInt32) { self.init(.ranges([scalar...scalar])) }

  func contains(_ scalar: UInt32) -> Bool {
    if scalar < 64 { return low >> UInt64(scalar) & 1 != 0 }
    if scalar < 128 { return high >> UInt64(scalar - 64) & 1 != 0 }
    return ScalarSet.holds(content, scalar)
  }

  private static func holds(_ content: Content, _ scalar: UInt32) -> Bool {
    switch content {
    case .ranges(let ranges):
      for range in ranges where range.contains(scalar) { return true }
      return false
    case .categories(let mask): return mask & GeneralCategory.bit(of: scalar) != 0
    case .alphabetic: return Unicode.Scalar(scalar)?.properties.isAlphabetic ?? false
    case .assigned(let version):
      return Unicode.Scalar(scalar)?.properties.age.map { $0.major <= version } ?? false
    case .union(let parts):
      for part in parts where holds(part, scalar) { return true }
      return false
    case .both(let first, let second): return holds(first, scalar) && holds(second, scalar)
    case .not(let part): return !holds(part, scalar)
    }
  }
}
