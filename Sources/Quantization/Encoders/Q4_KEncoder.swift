internal import CKernels
internal import Tensors

extension RowEncoder {
  static let q4_k = unsafe RowEncoder(.q4_k, kernel: { unsafe ck_q4_k_encoder($0) }) { values, importance, bytes in
    SuperBlock.encodeAffine(values, importance, bits: 4, trials: .init(first: -1, step: 0.1, count: 21), into: &bytes)
  }
}
