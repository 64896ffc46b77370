internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF IQ3_S: blocks of 256, a half `d`, 64 numbers of points of four magnitudes (8 bits), 8 bytes with their ninth
  /// bits, 32 bytes of signs, and 4 bytes of 4-bit scales `s` for groups of 32; a value is `d (1 + 2 s)` times the
  /// magnitude.
  /// - Source: ggml, `dequantize_row_iq3_s`.
  static let iq3_s = unsafe StorageFormat(
    RowDecoder(.iq3_s, kernels: { unsafe ck_iq3_s_kernels($0, Codebook.iq3S.stored) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 110
        let scale = bytes.scale(at: start)
        for part in 0..<64 {
          let point = Int(bytes.byte(at: start + 2 + part)) | bytes.bit(at: start + 66, part) << 8
          let groupScale = scale * Float(1 + 2 * bytes.nibble(at: start + 106 + part / 16, part / 8 % 2))
          let signs = bytes.byte(at: start + 74 + part / 2) >> (4 * UInt8(part % 2))
          Codebook.iq3S.add(point, scale: groupScale, signs: signs, to: &values, at: block * 256 + part * 4)
        }
      }
    },
    encoder: .iq3_s, largestMagnitude: 465 * 65504, fallback: .iq4_nl)
}
