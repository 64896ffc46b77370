internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF IQ4_XS: blocks of 256, a half `d`, 8 scales `s` of 6 bits for groups of 32 (the upper 2 bits of all in 16 bits,
  /// then the lower 4), and nibbles that choose as in IQ4_NL; a value is `d (s - 32)` times the step.
  /// - Source: ggml, `dequantize_row_iq4_xs`.
  static let iq4_xs = unsafe StorageFormat(
    RowDecoder(.iq4_xs, kernels: { unsafe ck_iq4_xs_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 136
        let (scale, high) = (bytes.scale(at: start), Int(bytes.half(at: start + 2)))
        for group in 0..<8 {
          let low = bytes.nibble(at: start + 4 + group / 2, group % 2)
          let groupScale = scale * Float((low | (high >> (2 * group) & 3) << 4) - 32)
          for index in 0..<32 {
            let quant = bytes.nibble(at: start + 8 + group * 16 + index % 16, index / 16)
            values[block * 256 + group * 32 + index] = groupScale * Codebook.unequalSteps[quant]
          }
        }
      }
    },
    encoder: .iq4_xs, largestMagnitude: 4064 * 65504, fallback: .iq4_nl)
}
