internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF IQ3_XXS: blocks of 256, a half `d`, 64 numbers of points of four magnitudes, and for each group of 32 values 32
  /// bits with four 7-bit sign patterns and a scale `s` of 4 bits; a value is `d (0.5 + s) / 2` times the magnitude.
  /// - Source: ggml, `dequantize_row_iq3_xxs`.
  static let iq3_xxs = unsafe StorageFormat(
    RowDecoder(.iq3_xxs, kernels: { unsafe ck_iq3_xxs_kernels($0, Codebook.iq3XXS.stored) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 98
        let scale = bytes.scale(at: start)
        for group in 0..<8 {
          let word = bytes.word(at: start + 66 + group * 4)
          let groupScale = scale * (0.5 + Float(word >> 28)) * 0.5
          for part in 0..<8 {
            let signs = Codebook.evenSigns(word >> (7 * UInt32(part / 2))) >> (4 * UInt8(part % 2))
            Codebook.iq3XXS.add(
              Int(bytes.byte(at: start + 2 + group * 8 + part)), scale: groupScale, signs: signs, to: &values,
              at: block * 256 + group * 32 + part * 4)
          }
        }
      }
    },
    encoder: .iq3_xxs, largestMagnitude: 480.5 * 65504, fallback: .iq4_nl, needsImportance: .exceptAtEnds)
}
