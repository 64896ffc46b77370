internal import CKernels
internal import Tensors

extension RowEncoder {
  static let q4_0 = unsafe RowEncoder(.q4_0, kernel: { unsafe ck_q4_0_encoder($0) }) { values, importance, bytes in
    ClassicBlocks.encodeSigned(values, importance, bits: 4, into: &bytes)
  }
}
