/// Changes to bytes, and numbers to choose them by.
public struct Mutator {
  /// Changes a part of an input in place.
  /// - Parameter count: Bytes of the part; those after it, up to the capacity, are room to grow into.
  /// - Returns: Bytes that the part has now.
  public typealias Change = (_ part: inout [UInt8], _ count: Int) -> Int

  /// Bytes that the whole input may have.
  let maximumBytes: Int
  private let changeBytes: Change
  /// SplitMix64, so that a run can be repeated.
  private var state: UInt64

  /// - Parameter change: Such as libFuzzer's, which knows the dictionary and what comparisons saw.
  public init(maximumBytes: Int, seed: UInt64, change: @escaping Change) {
    (self.maximumBytes, state, changeBytes) = (maximumBytes, seed, change)
  }

  /// A number from 0 up to `bound`, exclusive.
  public mutating func number(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ value >> 31) % UInt64(max(bound, 1)))
  }

  /// Changes a part.
  /// - Parameter limit: Bytes that the part may have afterwards.
  func change(_ part: inout [UInt8], limit: Int) {
    let count = part.count
    part += [UInt8](repeating: 0, count: max(limit, count, 1) - count)
    let changed = changeBytes(&part, count)
    part.removeSubrange(changed...)
  }
}
