internal import CKernels
internal import Tensors

extension RowEncoder {
  /// Blocks of 256: two bits of each digit, in four planes of 32 a byte, then the scale.
  /// - Source: ggml, `quantize_row_tq2_0_ref`.
  static let tq2_0 = unsafe RowEncoder(.tq2_0, kernel: { unsafe ck_tq2_0_encoder($0) }) { values, _, bytes in
    for start in stride(from: 0, to: values.count, by: SuperBlock.count) {
      let (digits, scale) = TernaryDigits.of(values.extracting(start..<start + SuperBlock.count))
      let offset = start / SuperBlock.count * 66
      for index in 0..<64 {
        let first = index / 32 * 128 + index % 32
        let byte = digits[first] | digits[first + 32] << 2 | digits[first + 64] << 4 | digits[first + 96] << 6
        bytes.store(byte, at: offset + index)
      }
      bytes.store(scale.halfBits, at: offset + 64)
    }
  }
}
