internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF Q8_0: blocks of 32, a half-precision scale `d` and 32 signed bytes `q`; a value is `d q`.
  ///
  /// Encoding is ggml's: `d` is the largest magnitude over 127, and each value over `d` is rounded to the nearest
  /// integer, halves away from zero. `d` is rounded to a half only after that.
  /// - Source: ggml, `quantize_row_q8_0_ref` and `dequantize_row_q8_0`.
  static let q8_0 = unsafe StorageFormat(
    RowDecoder(.q8_0, kernels: { unsafe ck_q8_0_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 32 {
        let start = block * 34
        let scale = Float(halfBits: bytes.half(at: start))
        for index in 0..<32 { values[block * 32 + index] = scale * Float(bytes.signed(at: start + 2 + index)) }
      }
    },
    encoder: RowEncoder(.q8_0, kernel: { unsafe ck_q8_0_encoder($0) }) { values, _, bytes in
      for block in 0..<values.count / 32 {
        var largest: Float = 0
        for index in block * 32..<block * 32 + 32 { largest = max(largest, abs(values[index])) }
        let scale = largest / 127
        // Below this the stored scale is zero, and so is every value.
        let inverse = scale >= .leastNormalMagnitude ? 1 / scale : 0
        bytes.store(scale.halfBits, at: block * 34)
        for index in 0..<32 {
          let quant = (values[block * 32 + index] * inverse).rounded(.toNearestOrAwayFromZero)
          bytes.store(UInt8(bitPattern: Int8(quant)), at: block * 34 + 2 + index)
        }
      }
    },
    largestMagnitude: 127 * 65504, fallback: .f16)
}
