internal import CKernels
internal import Tensors

extension RowEncoder {
  static let q5_1 = unsafe RowEncoder(.q5_1, kernel: { unsafe ck_q5_1_encoder($0) }) { values, importance, bytes in
    ClassicBlocks.encodeAffine(values, importance, bits: 5, into: &bytes)
  }
}
