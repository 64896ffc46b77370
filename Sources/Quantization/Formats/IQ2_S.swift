internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF IQ2_S: blocks of 256, a half `d`, 32 numbers of points of eight magnitudes (8 bits), 32 bytes of signs, 8 bytes
  /// with the numbers' upper 2 bits, and 8 bytes of 4-bit scales `s` for groups of 16; a value is `d (0.5 + s) / 4` times
  /// the magnitude.
  /// - Source: ggml, `dequantize_row_iq2_s`.
  static let iq2_s = unsafe StorageFormat(
    RowDecoder(.iq2_s, kernels: { unsafe ck_iq2_s_kernels($0, Codebook.iq2S.stored) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 82
        let scale = bytes.scale(at: start)
        for part in 0..<32 {
          let point = Int(bytes.byte(at: start + 2 + part)) | bytes.crumb(at: start + 66 + part / 4, part % 4) << 8
          let groupScale = scale * (0.5 + Float(bytes.nibble(at: start + 74 + part / 4, part / 2 % 2))) * 0.25
          Codebook.iq2S.add(
            point, scale: groupScale, signs: bytes.byte(at: start + 34 + part), to: &values, at: block * 256 + part * 8)
        }
      }
    },
    encoder: .iq2_s, largestMagnitude: 166.625 * 65504, fallback: .iq4_nl, needsImportance: .exceptAtEnds)
}
