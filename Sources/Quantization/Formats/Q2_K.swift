internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF Q2_K: blocks of 256, 16 bytes that hold a scale `s` and a minimum `m` of 4 bits for each group of 16, 64 bytes
  /// of 2-bit `q`, and two halves `d` and `dmin`; a value is `(d s) q - dmin m`.
  ///
  /// Each half of the block has 32 bytes of quants: their lowest bits are its first 32 values, and so on.
  /// - Source: ggml, `dequantize_row_q2_K`.
  static let q2_k = unsafe StorageFormat(
    RowDecoder(.q2_k, kernels: { unsafe ck_q2_k_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 84
        let (scale, minimum) = (bytes.scale(at: start + 80), bytes.scale(at: start + 82))
        for group in 0..<16 {
          let groupScale = scale * Float(bytes.nibble(at: start + group, 0))
          let groupMinimum = minimum * Float(bytes.nibble(at: start + group, 1))
          for index in group * 16..<group * 16 + 16 {
            let quant = bytes.crumb(at: start + 16 + index / 128 * 32 + index % 32, index % 128 / 32)
            values[block * 256 + index] = groupScale * Float(quant) - groupMinimum
          }
        }
      }
    },
    encoder: .q2_k, largestMagnitude: 15 * 65504, fallback: .q4_0)
}
