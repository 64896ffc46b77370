internal import CKernels
internal import LinearAlgebra
internal import Tensors

extension StorageFormat {
  /// GGUF TQ1_0: blocks of 256 ternary digits, five to a byte in base 3, scaled to fill the byte, and a half `d`; a value
  /// is `d (digit - 1)`.
  ///
  /// 32 bytes have 5 digits each, the first of all coming first; then 16 bytes likewise; then 4 bytes with 4 digits.
  /// - Source: ggml, `dequantize_row_tq1_0`.
  static let tq1_0 = unsafe StorageFormat(
    RowDecoder(.tq1_0, kernels: { unsafe ck_tq1_0_kernels($0) }) { bytes, values in
      let runs = [(byte: 0, width: 32, digits: 5), (byte: 32, width: 16, digits: 5), (byte: 48, width: 4, digits: 4)]
      for block in 0..<values.count / 256 {
        let start = block * 54
        let scale = bytes.scale(at: start + 52)
        var target = block * 256
        for run in runs {
          var power: UInt8 = 1
          for _ in 0..<run.digits {
            for index in 0..<run.width {
              // The product keeps the fraction below the digit, so its upper part after a factor of 3 is the digit.
              let digits = bytes.byte(at: start + run.byte + index) &* power
              values[target + index] = scale * Float(Int((UInt16(digits) * 3) >> 8) - 1)
            }
            target += run.width
            power &*= 3
          }
        }
      }
    },
    encoder: .tq1_0, largestMagnitude: 65504, fallback: .q4_0)
}
