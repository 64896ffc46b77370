internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF Q3_K: blocks of 256, 32 bytes of third bits, 64 bytes of the lower 2 bits as in Q2_K, 12 bytes of 6-bit scales
  /// `s` for groups of 16, and a half `d`; a value is `d (s - 32)` times `q`, where `q` is less by 4 if its third bit is
  /// not set.
  /// - Source: ggml, `dequantize_row_q3_K`.
  static let q3_k = unsafe StorageFormat(
    RowDecoder(.q3_k, kernels: { unsafe ck_q3_k_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 110
        let scale = bytes.scale(at: start + 108)
        for group in 0..<16 {
          let low = bytes.nibble(at: start + 96 + group % 8, group / 8)
          let high = bytes.crumb(at: start + 104 + group % 4, group / 4)
          let groupScale = scale * Float((low | high << 4) - 32)
          for index in group * 16..<group * 16 + 16 {
            let quant = bytes.crumb(at: start + 32 + index / 128 * 32 + index % 32, index % 128 / 32)
            let offset = bytes.bit(at: start + index % 32, index / 32) == 0 ? 4 : 0
            values[block * 256 + index] = groupScale * Float(quant - offset)
          }
        }
      }
    },
    encoder: .q3_k, largestMagnitude: 128 * 65504, fallback: .q4_0)
}
