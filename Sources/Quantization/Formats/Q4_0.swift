internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF Q4_0: blocks of 32, a half-precision scale `d` and 16 bytes of nibbles `q`, whose lower halves are the first
  /// 16 values; a value is `d (q - 8)`.
  /// - Source: ggml, `dequantize_row_q4_0`.
  static let q4_0 = unsafe StorageFormat(
    RowDecoder(.q4_0, kernels: { unsafe ck_q4_0_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 32 {
        let start = block * 18
        let scale = bytes.scale(at: start)
        for index in 0..<32 {
          values[block * 32 + index] = scale * Float(bytes.nibble(at: start + 2 + index % 16, index / 16) - 8)
        }
      }
    },
    encoder: .q4_0, largestMagnitude: 8 * 65504, fallback: .f16)
}
