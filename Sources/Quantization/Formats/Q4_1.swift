internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF Q4_1: blocks of 32, a scale `d` and a minimum `m` in half precision, and nibbles `q` as in Q4_0; a value is
  /// `d q + m`.
  /// - Source: ggml, `dequantize_row_q4_1`.
  static let q4_1 = unsafe StorageFormat(
    RowDecoder(.q4_1, kernels: { unsafe ck_q4_1_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 32 {
        let start = block * 20
        let (scale, minimum) = (bytes.scale(at: start), bytes.scale(at: start + 2))
        for index in 0..<32 {
          values[block * 32 + index] = scale * Float(bytes.nibble(at: start + 4 + index % 16, index / 16)) + minimum
        }
      }
    },
    encoder: .q4_1, largestMagnitude: 65504, fallback: .f16)
}
