internal import CKernels
internal import Tensors

extension RowEncoder {
  static let q5_k = unsafe RowEncoder(.q5_k, kernel: { unsafe ck_q5_k_encoder($0) }) { values, importance, bytes in
    SuperBlock.encodeAffine(values, importance, bits: 5, trials: .init(first: -0.5, step: 0.1, count: 16), into: &bytes)
  }
}
