internal import CKernels
internal import Tensors

extension RowEncoder {
  /// Blocks of 32: the exponent of the largest magnitude less 2, with a bias of 127, then codes `i` and `i + 16` in byte `i`: the
  /// nearest 4-bit floats, the smaller of two that are equally near. What is below 2^-125 is zero.
  /// - Source: ggml, `quantize_row_mxfp4_ref`.
  static let mxfp4 = unsafe RowEncoder(.mxfp4, kernel: { unsafe ck_mxfp4_encoder($0) }) { values, _, bytes in
    for start in stride(from: 0, to: values.count, by: 32) {
      let x = values.extracting(start..<start + 32)
      let largest = Levels.extreme(x).largest
      let exponent = largest >= 0x1p-125 ? MXFP4.exponent(largest) + 125 : 0
      let scale = Float(bitPattern: exponent < 2 ? 0x20_0000 << UInt32(exponent) : UInt32(exponent - 1) << 23)
      let offset = start / 32 * 17
      bytes.store(UInt8(exponent), at: offset)
      for index in 0..<16 {
        bytes.store(MXFP4.code(x[index], scale) | MXFP4.code(x[index + 16], scale) << 4, at: offset + 1 + index)
      }
    }
  }
}

private enum MXFP4 {
  /// The whole part of the binary logarithm as ggml has it: of the logarithm in single precision, which just below a power of
  /// two is rounded up to its exponent.
  static func exponent(_ value: Float) -> Int {
    let exponent = Int(value.exponent)
    let next = exponent + 1
    // The logarithm `next - m 2^-24 / ln 2` of what is `m` steps below the power is rounded to `next` where that is within half
    // of what floats lie apart there.
    let magnitude = next > 0 ? next - 1 : -next
    guard magnitude > 0 else { return exponent }
    let power = 1 << (Int.bitWidth - 1 - magnitude.leadingZeroBitCount)
    let steps = 0x80_0000 - Int(value.significandBitPattern)
    return Float(steps) <= Float(power) * 0.6931472 ? next : exponent
  }

  static func code(_ x: Float, _ scale: Float) -> UInt8 {
    // Halfway between neighbours, which are doubled.
    let thresholds: [Float] = [0.5, 1.5, 2.5, 3.5, 5, 7, 10]
    let code = thresholds.reduce(0) { $0 + (abs(x) > $1 * scale ? 1 : 0) }
    return x < 0 && code > 0 ? UInt8(code) | 8 : UInt8(code)
  }
}
