extension Float {
  /// The bits of the nearest IEEE half, ties to even (`Float16` is missing on some platforms).
  ///
  /// What is too large becomes infinity, and a NaN stays one.
  var halfBits: UInt16 {
    let sign = UInt16(truncatingIfNeeded: bitPattern >> 16 & 0x8000)
    let magnitude = bitPattern & 0x7FFF_FFFF
    if magnitude > 0x7F80_0000 { return sign | 0x7E00 }
    // From half a unit above the largest half on.
    if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
    if magnitude < 0x3880_0000 {
      // Subnormal: one half has a unit of 2^-24, so the addition rounds as wanted.
      return sign | UInt16(truncatingIfNeeded: (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3F00_0000)
    }
    let rounded = magnitude &+ 0xFFF &+ (magnitude >> 13 & 1)
    return sign | UInt16(truncatingIfNeeded: (rounded &- 0x3800_0000) >> 13)
  }
}
