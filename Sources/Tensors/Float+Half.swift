extension Float {
  /// The value of an IEEE half, from its bits (`Float16` is missing on some platforms).
  public init(halfBits bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10 & 0x1F)
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      // Zero and subnormals: the fraction counts units of 2^-24, which the product gives exactly.
      let magnitude = Float(fraction) * 0x1p-24
      self = Float(bitPattern: magnitude.bitPattern | sign)
    case 0x1F:
      // Conversion instructions make signaling NaNs quiet, so this does too.
      let quiet: UInt32 = fraction == 0 ? 0 : 0x40_0000
      self = Float(bitPattern: sign | 0x7F80_0000 | fraction << 13 | quiet)
    default:
      self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
