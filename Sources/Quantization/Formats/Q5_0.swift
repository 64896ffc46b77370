internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF Q5_0: blocks of 32, a half-precision scale `d`, 32 fifth bits, and nibbles as in Q4_0, which together are `q`;
  /// a value is `d (q - 16)`.
  /// - Source: ggml, `dequantize_row_q5_0`.
  static let q5_0 = unsafe StorageFormat(
    RowDecoder(.q5_0, kernels: { unsafe ck_q5_0_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 32 {
        let start = block * 22
        let scale = bytes.scale(at: start)
        for index in 0..<32 {
          let low = bytes.nibble(at: start + 6 + index % 16, index / 16)
          values[block * 32 + index] = scale * Float((low | bytes.bit(at: start + 2, index) << 4) - 16)
        }
      }
    },
    encoder: .q5_0, largestMagnitude: 16 * 65504, fallback: .f16)
}
