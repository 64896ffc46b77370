internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF IQ4_NL: Q4_0 whose nibbles choose among 16 unequal steps `v`; a value is `d v`.
  /// - Source: ggml, `dequantize_row_iq4_nl`.
  static let iq4_nl = unsafe StorageFormat(
    RowDecoder(.iq4_nl, kernels: { unsafe ck_iq4_nl_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 32 {
        let start = block * 18
        let scale = bytes.scale(at: start)
        for index in 0..<32 {
          values[block * 32 + index] = scale * Codebook.unequalSteps[bytes.nibble(at: start + 2 + index % 16, index / 16)]
        }
      }
    },
    encoder: .iq4_nl, largestMagnitude: 127 * 65504, fallback: .f16)
}
