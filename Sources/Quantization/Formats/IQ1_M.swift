internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF IQ1_M: blocks of 256, 32 numbers of points of eight ternary digits (8 bits), 16 bytes with a nibble for each
  /// (its upper 3 bits, and the sign of the 1/8 that is added to the digits), and 8 bytes that hold 16 scales `s` of 3
  /// bits for groups of 16 and, in the upper 4 bits of each 16, a part of the half `d`; a value is `d (2 s + 1)` times
  /// the shifted digit.
  /// - Source: ggml, `dequantize_row_iq1_m`.
  static let iq1_m = unsafe StorageFormat(
    RowDecoder(.iq1_m, kernels: { unsafe ck_iq1_m_kernels($0, Codebook.iq1.stored) }) { bytes, values in
      for block in 0..<values.count / 256 {
        let start = block * 56
        let scaleBits = (0..<4).reduce(UInt16(0)) { bits, part in
          bits | (bytes.half(at: start + 48 + part * 2) >> 12) << (4 * UInt16(part))
        }
        let scale = Float(halfBits: scaleBits)
        for part in 0..<32 {
          let nibble = bytes.nibble(at: start + 32 + part / 2, part % 2)
          let factor = Int(bytes.half(at: start + 48 + part / 8 * 2)) >> (3 * (part / 2 % 4)) & 7
          Codebook.iq1.add(
            Int(bytes.byte(at: start + part)) | (nibble & 7) << 8, scale: scale * Float(2 * factor + 1),
            shift: nibble & 8 == 0 ? 0.125 : -0.125, to: &values, at: block * 256 + part * 8)
        }
      }
    },
    encoder: .iq1_m, largestMagnitude: 16.875 * 65504, fallback: .iq4_nl, needsImportance: .exceptAtEnds)
}
