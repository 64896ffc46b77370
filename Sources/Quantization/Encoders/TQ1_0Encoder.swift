internal import CKernels
internal import Tensors

extension RowEncoder {
  /// Blocks of 256: five digits a byte in runs of 32 and 16 bytes, four in each of 4 bytes, then the scale. A byte is the digits
  /// in base 3, the first highest, as a fraction of 243 in 256ths, rounded up.
  /// - Source: ggml, `quantize_row_tq1_0_ref`.
  static let tq1_0 = unsafe RowEncoder(.tq1_0, kernel: { unsafe ck_tq1_0_encoder($0) }) { values, _, bytes in
    let runs = [(byte: 0, width: 32, digits: 5), (byte: 32, width: 16, digits: 5), (byte: 48, width: 4, digits: 4)]
    for start in stride(from: 0, to: values.count, by: SuperBlock.count) {
      let (digits, scale) = TernaryDigits.of(values.extracting(start..<start + SuperBlock.count))
      let offset = start / SuperBlock.count * 54
      var first = 0
      for run in runs {
        for index in 0..<run.width {
          var number = 0
          for digit in 0..<5 { number = number * 3 + (digit < run.digits ? Int(digits[first + digit * run.width + index]) : 0) }
          bytes.store(UInt8((number * 256 + 242) / 243), at: offset + run.byte + index)
        }
        first += run.width * run.digits
      }
      bytes.store(scale.halfBits, at: offset + 52)
    }
  }
}
