internal import Tensors

extension Mix {
  /// The mixes, with the rules of llama-quantize for LLaMA-like models. A new one is an entry here.
  /// Where the name of one of its file types is here that of a pure type, the mix has `_mix` after it.
  /// - Source: llama.cpp, `llama_tensor_get_type_impl` in `src/llama-quant.cpp`.
  static let all: [Mix] = linear + fewBits + [
    Mix(name: "iq4_nl_mix", type: .iq4_nl, exceptions: unequalSteps),
    Mix(name: "iq4_xs_mix", type: .iq4_xs, exceptions: unequalSteps),
    Mix(
      name: "mxfp4_moe", type: .q8_0, outputHead: .q8_0,
      exceptions: [
        Exception(.experts, .always, .mxfp4)
      ]),
  ]

  private static let unequalSteps = [
    Exception(.value, .sharedKeys, .q5_k),
    Exception(.down, .both(.firstFraction(8), .withoutImportance), .q5_k),
    Exception(.attentionOutput, .eightExperts, .q5_k),
  ]

  /// Those of the types with equal steps.
  private static let linear: [Mix] = [
    Mix(
      name: "q2_k_mix", type: .q2_k,
      exceptions: [
        Exception(.value, .sharedKeys, .q4_k),
        Exception(.value, .always, .q3_k),
        Exception(.down, .always, .q3_k),
        Exception(.attentionOutput, .eightExperts, .q5_k),
        Exception(.attentionOutput, .always, .q3_k),
      ]),
    Mix(
      name: "q2_k_s", type: .q2_k,
      exceptions: [
        Exception(.value, .sharedKeys, .q4_k),
        Exception(.down, .firstFraction(8), .q4_k),
      ]),
    Mix(
      name: "q3_k_s", type: .q3_k,
      exceptions: [
        Exception(.attentionOutput, .eightExperts, .q5_k)
      ]),
    Mix(
      name: "q3_k_m", type: .q3_k,
      exceptions: [
        Exception(.value, .firstLayers(2), .q5_k),
        Exception(.value, .always, .q4_k),
        Exception(.down, .firstFraction(16), .q5_k),
        Exception(.down, .always, .q4_k),
        Exception(.attentionOutput, .eightExperts, .q5_k),
        Exception(.attentionOutput, .always, .q4_k),
      ]),
    Mix(
      name: "q3_k_l", type: .q3_k,
      exceptions: [
        Exception(.value, .always, .q5_k),
        Exception(.down, .always, .q5_k),
        Exception(.attentionOutput, .eightExperts, .q3_k),
        Exception(.attentionOutput, .always, .q5_k),
      ]),
    Mix(
      name: "q4_k_s", type: .q4_k,
      exceptions: [
        Exception(.value, .firstLayers(4), .q5_k),
        Exception(.down, .firstFraction(8), .q5_k),
        Exception(.attentionOutput, .eightExperts, .q5_k),
      ]),
    Mix(
      name: "q4_k_m", type: .q4_k,
      exceptions: [
        Exception(.value, .spacedLayers, .q6_k),
        Exception(.down, .spacedLayers, .q6_k),
        Exception(.attentionOutput, .eightExperts, .q5_k),
      ]),
    Mix(name: "q5_k_s", type: .q5_k, exceptions: []),
    Mix(
      name: "q5_k_m", type: .q5_k,
      exceptions: [
        Exception(.value, .spacedLayers, .q6_k),
        Exception(.down, .spacedLayers, .q6_k),
      ]),
  ]
}
