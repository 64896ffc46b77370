#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// How far apart two positive numbers are as a ratio.
struct LogDistance: Comparable {
  private let value: Double

  init(_ left: Double, _ right: Double) { value = abs(log(left / right)) }

  static func < (left: LogDistance, right: LogDistance) -> Bool { left.value < right.value }

  static func signed(_ left: Double, _ right: Double) -> Double { log(left / right) }
  static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
}
