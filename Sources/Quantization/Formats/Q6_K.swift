internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF Q6_K: blocks of 256, 128 bytes of the lower 4 bits, 64 bytes of the upper 2, 16 signed scales `s` for groups of
  /// 16, and a half `d`; a value is `(d s) (q - 32)`.
  ///
  /// Each half of the block has 64 bytes of nibbles, the lower halves first, and 32 bytes of upper bits as in Q2_K.
  /// - Source: ggml, `dequantize_row_q6_K`.
  static let q6_k = unsafe StorageFormat(
    RowDecoder(.q6_k, kernels: { unsafe ck_q6_k_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 210
        let scale = bytes.scale(at: start + 208)
        for group in 0..<16 {
          let groupScale = scale * Float(bytes.signed(at: start + 192 + group))
          for index in group * 16..<group * 16 + 16 {
            let low = bytes.nibble(at: start + index / 128 * 64 + index % 64, index % 128 / 64)
            let high = bytes.crumb(at: start + 128 + index / 128 * 32 + index % 32, index % 128 / 32)
            values[block * 256 + index] = groupScale * Float((low | high << 4) - 32)
          }
        }
      }
    },
    encoder: .q6_k, largestMagnitude: 4096 * 65504, fallback: .q8_0)
}
