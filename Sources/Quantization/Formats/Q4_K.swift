internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF Q4_K: blocks of 256, two halves `d` and `dmin`, 12 bytes of 6-bit scales `s` and minima `m` for groups of 32,
  /// and nibbles `q`; a value is `(d s) q - dmin m`.
  ///
  /// 32 bytes of nibbles are 64 values: their lower halves the first 32.
  /// - Source: ggml, `dequantize_row_q4_K`.
  static let q4_k = unsafe StorageFormat(
    RowDecoder(.q4_k, kernels: { unsafe ck_q4_k_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 144
        let (scale, minimum) = (bytes.scale(at: start), bytes.scale(at: start + 2))
        for group in 0..<8 {
          let factors = bytes.sixBitFactors(at: start + 4, group)
          let (groupScale, groupMinimum) = (scale * Float(factors.scale), minimum * Float(factors.minimum))
          for index in 0..<32 {
            let quant = bytes.nibble(at: start + 16 + group / 2 * 32 + index, group % 2)
            values[block * 256 + group * 32 + index] = groupScale * Float(quant) - groupMinimum
          }
        }
      }
    },
    encoder: .q4_k, largestMagnitude: 63 * 65504, fallback: .q5_0)
}

extension RawSpan {
  /// The scale and the minimum of a group in the 12 bytes that Q4_K and Q5_K have for 8 groups: the first four of each
  /// are the lower 6 bits of bytes 0 to 7; the upper 2 bits of those complete the nibbles of bytes 8 to 11 for the others.
  func sixBitFactors(at offset: Int, _ group: Int) -> (scale: Int, minimum: Int) {
    if group < 4 { return (Int(byte(at: offset + group) & 63), Int(byte(at: offset + group + 4) & 63)) }
    return (
      nibble(at: offset + group + 4, 0) | Int(byte(at: offset + group - 4) >> 6) << 4,
      nibble(at: offset + group + 4, 1) | Int(byte(at: offset + group) >> 6) << 4
    )
  }
}
