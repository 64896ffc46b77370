internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF IQ2_XXS: blocks of 256, a half `d`, and 8 bytes for each group of 32: four numbers of points of eight
  /// magnitudes, then 32 bits with four 7-bit sign patterns and a scale `s` of 4 bits; a value is
  /// `d (0.5 + s) / 4` times the magnitude.
  /// - Source: ggml, `dequantize_row_iq2_xxs`.
  static let iq2_xxs = unsafe StorageFormat(
    RowDecoder(.iq2_xxs, kernels: { unsafe ck_iq2_xxs_kernels($0, Codebook.iq2XXS.stored) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 66
        let scale = bytes.scale(at: start)
        for group in 0..<8 {
          let place = start + 2 + group * 8
          let word = bytes.word(at: place + 4)
          let groupScale = scale * (0.5 + Float(word >> 28)) * 0.25
          for part in 0..<4 {
            Codebook.iq2XXS.add(
              Int(bytes.byte(at: place + part)), scale: groupScale, signs: Codebook.evenSigns(word >> (7 * UInt32(part))),
              to: &values, at: block * 256 + group * 32 + part * 8)
          }
        }
      }
    },
    encoder: .iq2_xxs, largestMagnitude: 166.625 * 65504, fallback: .iq4_nl, needsImportance: .always)
}
