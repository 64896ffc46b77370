internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// OCP MXFP4: blocks of 32, an exponent byte, and nibbles as in Q4_0 that are 4-bit floats (E2M1). ggml keeps those
  /// doubled, as integers, and halves the scale.
  /// - Source: ggml, `dequantize_row_mxfp4`; OCP Microscaling Formats 1.0.
  static let mxfp4 = unsafe StorageFormat(
    RowDecoder(.mxfp4, kernels: { unsafe ck_mxfp4_kernels($0) }) { bytes, values in
      for block in 0..<values.count / 32 {
        let start = block * 17
        let exponent = UInt32(bytes.byte(at: start))
        // Half of 2^(exponent - 127); the two smallest are subnormal.
        let scale = Float(bitPattern: exponent < 2 ? 0x20_0000 << exponent : (exponent - 1) << 23)
        for index in 0..<32 {
          values[block * 32 + index] = scale * Codebook.doubledE2M1[bytes.nibble(at: start + 1 + index % 16, index / 16)]
        }
      }
    },
    encoder: .mxfp4, fallback: .f16)
}
