/// The exponential that silu and softmax use: one polynomial with fused multiply-adds, so that
/// every instruction set gives the same bits. Within 1 ulp of the true value; overflows to
/// infinity, underflows through the subnormals to zero, and keeps NaN.
func exponential(_ input: Float) -> Float {
  // Beyond these bounds the result is infinity or zero anyway; comparisons let NaN pass.
  var x = input
  if x > 89 { x = 89 }
  if x < -104 { x = -104 }
  // x = n ln 2 + r. Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  let magic: Float = 0x1.8p23
  let shifted = magic.addingProduct(x, 0x1.715476p0)
  let n = shifted - magic
  var r = x.addingProduct(n, -0x1.62e430p-1)
  r = r.addingProduct(n, 0x1.05c610p-29)
  // The Taylor polynomial of degree 7: its error on |r| <= ln 2 / 2 is a twentieth of an ulp.
  var p: Float = 1 / 5040
  p = (1 / 720 as Float).addingProduct(p, r)
  p = (1 / 120 as Float).addingProduct(p, r)
  p = (1 / 24 as Float).addingProduct(p, r)
  p = (1 / 6 as Float).addingProduct(p, r)
  p = (1 / 2 as Float).addingProduct(p, r)
  p = (1 as Float).addingProduct(p, r)
  p = (1 as Float).addingProduct(p, r)
  // 2^n in two factors, so that subnormal results are rounded once.
  let integer = Int32(bitPattern: shifted.bitPattern &- magic.bitPattern)
  let half = integer >> 1
  let rest = integer &- half
  return p * powerOfTwo(half) * powerOfTwo(rest)
}

/// 2^n from its bits; any bits where `n` came from a NaN.
private func powerOfTwo(_ n: Int32) -> Float {
  Float(bitPattern: UInt32(bitPattern: n &+ 127) &<< 23)
}
