internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF IQ1_S: blocks of 256, a half `d`, 32 numbers of points of eight ternary digits (8 bits), and for each group of
  /// 32 values 16 bits: the numbers' upper 3 bits, a scale `s` of 3 bits, and whether 1/8 is taken from the digits instead
  /// of added; a value is `d (2 s + 1)` times that.
  /// - Source: ggml, `dequantize_row_iq1_s`.
  static let iq1_s = unsafe StorageFormat(
    RowDecoder(.iq1_s, kernels: { unsafe ck_iq1_s_kernels($0, Codebook.iq1.stored) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 50
        let scale = bytes.scale(at: start)
        for part in 0..<32 {
          let bits = Int(bytes.half(at: start + 34 + part / 4 * 2))
          let point = Int(bytes.byte(at: start + 2 + part)) | (bits >> (3 * (part % 4)) & 7) << 8
          Codebook.iq1.add(
            point, scale: scale * Float(2 * (bits >> 12 & 7) + 1), shift: bits & 0x8000 == 0 ? 0.125 : -0.125,
            to: &values, at: block * 256 + part * 8)
        }
      }
    },
    encoder: .iq1_s, largestMagnitude: 16.875 * 65504, fallback: .iq4_nl, needsImportance: .always)
}
