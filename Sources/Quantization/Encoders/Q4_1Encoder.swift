internal import CKernels
internal import Tensors

extension RowEncoder {
  static let q4_1 = unsafe RowEncoder(.q4_1, kernel: { unsafe ck_q4_1_encoder($0) }) { values, importance, bytes in
    ClassicBlocks.encodeAffine(values, importance, bits: 4, into: &bytes)
  }
}
