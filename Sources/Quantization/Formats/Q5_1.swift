internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF Q5_1: blocks of 32, a scale `d` and a minimum `m` in half precision, fifth bits and nibbles as in Q5_0; a value
  /// is `d q + m`.
  /// - Source: ggml, `dequantize_row_q5_1`.
  static let q5_1 = unsafe StorageFormat(
    RowDecoder(.q5_1, kernels: { unsafe ck_q5_1_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 32 {
        let start = block * 24
        let (scale, minimum) = (bytes.scale(at: start), bytes.scale(at: start + 2))
        for index in 0..<32 {
          let low = bytes.nibble(at: start + 8 + index % 16, index / 16)
          values[block * 32 + index] = scale * Float(low | bytes.bit(at: start + 4, index) << 4) + minimum
        }
      }
    },
    encoder: .q5_1, largestMagnitude: 65504, fallback: .f16)
}
