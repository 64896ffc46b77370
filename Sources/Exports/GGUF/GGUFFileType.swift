internal import Bundles
internal import Tensors

/// `general.file_type`: in a number, how a model is quantized on the whole.
///
/// - Source: `llama_ftype` in llama.cpp's `llama.h`, and how its loader guesses it from the types of tensors.
enum GGUFFileType {
  private static let mixes = [
    "q2_k_mix": 10, "q2_k_s": 21, "q3_k_s": 11, "q3_k_m": 12, "q3_k_l": 13, "q4_k_s": 14, "q4_k_m": 15, "q5_k_s": 16, "q5_k_m": 17,
    "iq1_s": 24, "iq1_m": 31, "iq2_xxs": 19, "iq2_xs": 20, "iq2_s": 28, "iq2_m": 29, "iq3_xxs": 23, "iq3_xs": 22, "iq3_s": 26,
    "iq3_m": 27, "iq4_nl_mix": 25, "iq4_xs_mix": 30, "tq1_0": 36, "tq2_0": 37, "mxfp4_moe": 38,
  ]

  /// By the type that most elements have.
  private static let types: [ElementType: Int] = [
    .f32: 0, .f16: 1, .q4_0: 2, .q4_1: 3, .q8_0: 7, .q5_0: 8, .q5_1: 9, .q2_k: 10, .q3_k: 12, .q4_k: 15, .q5_k: 17, .q6_k: 18,
    .iq2_xxs: 19, .iq2_xs: 20, .iq3_xxs: 23, .iq1_s: 24, .iq4_nl: 25, .iq3_s: 26, .iq2_s: 28, .iq4_xs: 30, .iq1_m: 31, .bf16: 32,
    .tq1_0: 36, .tq2_0: 37, .mxfp4: 38,
  ]

  /// - Parameter recipe: That of the bundle, whose name says which mix it is.
  static func number(_ tensors: [ExportTensor], recipe: String?) -> Int {
    if let mix = recipe.flatMap({ mixes[$0] }) { return mix }
    var counts: [ElementType: Int] = [:]
    // Vectors are always float32.
    for tensor in tensors where tensor.descriptor.shape.dimensions.count > 1 {
      counts[tensor.descriptor.type, default: 0] += tensor.descriptor.shape.elementCount
    }
    let most = counts.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }
    return most.flatMap { types[$0.key] } ?? 0
  }
}
