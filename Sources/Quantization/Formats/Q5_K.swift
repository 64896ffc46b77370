internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF Q5_K: Q4_K with 32 bytes of fifth bits before the nibbles; bit `g` of byte `k` belongs to value `k` of group `g`.
  /// - Source: ggml, `dequantize_row_q5_K`.
  static let q5_k = unsafe StorageFormat(
    RowDecoder(.q5_k, kernels: { unsafe ck_q5_k_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 176
        let (scale, minimum) = (bytes.scale(at: start), bytes.scale(at: start + 2))
        for group in 0..<8 {
          let factors = bytes.sixBitFactors(at: start + 4, group)
          let (groupScale, groupMinimum) = (scale * Float(factors.scale), minimum * Float(factors.minimum))
          for index in 0..<32 {
            let low = bytes.nibble(at: start + 48 + group / 2 * 32 + index, group % 2)
            let quant = low | bytes.bit(at: start + 16 + index, group) << 4
            values[block * 256 + group * 32 + index] = groupScale * Float(quant) - groupMinimum
          }
        }
      }
    },
    encoder: .q5_k, largestMagnitude: 63 * 65504, fallback: .q5_1)
}
