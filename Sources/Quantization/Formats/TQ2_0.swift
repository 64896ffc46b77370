internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF TQ2_0: blocks of 256 ternary digits of 2 bits, laid out as in Q2_K, and a half `d`; a value is `d (digit - 1)`.
  /// - Source: ggml, `dequantize_row_tq2_0`.
  static let tq2_0 = unsafe StorageFormat(
    RowDecoder(.tq2_0, kernels: { unsafe ck_tq2_0_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 66
        let scale = bytes.scale(at: start + 64)
        for index in 0..<256 {
          let digit = bytes.crumb(at: start + index / 128 * 32 + index % 32, index % 128 / 32)
          values[block * 256 + index] = scale * Float(digit - 1)
        }
      }
    },
    encoder: .tq2_0, largestMagnitude: 65504, fallback: .q4_0)
}
