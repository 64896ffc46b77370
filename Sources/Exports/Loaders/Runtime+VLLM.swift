extension Runtime {
  /// - Source: `llama_eagle.py`, `llama_eagle3.py` and `utils.py` (`AutoWeightsLoader`, which passes over biases) in
  ///   `vllm/model_executor/models`, vLLM 0.33.
  static let vllm = Runtime(
    name: "vllm", title: "vLLM",
    eagle: DraftReader(
      method: "eagle", architectures: ["LlamaForCausalLM", "EagleLlamaForCausalLM"],
      unknown: .refused, missing: .random,
      exceptions: [
        .init(name: "fc.bias", rule: .dropped, reason: "fc has no bias there"),
        .init(name: "lm_head.weight", rule: .refused, reason: "the head is the target's"),
      ],
      attentionBiases: [.init("attention_bias", "qkvo"), .init("bias", "qkvo"), .init("qkv_bias", "qkv")], unknownBias: .dropped,
      readsSpeculators: true),
    eagle3: DraftReader(
      method: "eagle3", architectures: ["LlamaForCausalLMEagle3", "Eagle3LlamaForCausalLM", "LlamaForCausalLM"],
      unknown: .refused, missing: .random,
      exceptions: [.init(name: "fc.bias", rule: .dropped, reason: "fc has no bias there")],
      attentionBiases: [.init("attention_bias", "qkvo"), .init("bias", "o")], unknownBias: .dropped, taps: .topLevel,
      readsSpeculators: true))
}
