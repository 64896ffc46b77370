#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// `base` raised to `exponent`, in double precision.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// The natural logarithm, in double precision.
func logarithm(_ value: Double) -> Double { log(value) }
