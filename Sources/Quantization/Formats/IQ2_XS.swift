internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF IQ2_XS: blocks of 256, a half `d`, 32 times 16 bits with the number of a point of eight magnitudes (9 bits) and
  /// a sign pattern (7), and 8 bytes of 4-bit scales `s` for groups of 16; a value is `d (0.5 + s) / 4` times the
  /// magnitude.
  /// - Source: ggml, `dequantize_row_iq2_xs`.
  static let iq2_xs = unsafe StorageFormat(
    RowDecoder(.iq2_xs, kernels: { unsafe ck_iq2_xs_kernels($0, Codebook.iq2XS.stored) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 74
        let scale = bytes.scale(at: start)
        for part in 0..<32 {
          let bits = bytes.half(at: start + 2 + part * 2)
          let groupScale = scale * (0.5 + Float(bytes.nibble(at: start + 66 + part / 4, part / 2 % 2))) * 0.25
          Codebook.iq2XS.add(
            Int(bits & 511), scale: groupScale, signs: Codebook.evenSigns(UInt32(bits >> 9)), to: &values,
            at: block * 256 + part * 8)
        }
      }
    },
    encoder: .iq2_xs, largestMagnitude: 166.625 * 65504, fallback: .iq4_nl, needsImportance: .always)
}
