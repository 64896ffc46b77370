#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// `base` raised to `exponent`, in double precision.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
