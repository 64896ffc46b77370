internal import CKernels
internal import Tensors

extension RowEncoder {
  static let q5_0 = unsafe RowEncoder(.q5_0, kernel: { unsafe ck_q5_0_encoder($0) }) { values, importance, bytes in
    ClassicBlocks.encodeSigned(values, importance, bits: 5, into: &bytes)
  }
}
