extension Runtime {
  /// - Source: `vllm/model_executor/models/llama_eagle.py` and `llama_eagle3.py`, vLLM 0.33.
  static let vllm = Runtime(
    name: "vllm", title: "vLLM",
    eagle: DraftReader(
      method: "eagle", architectures: ["LlamaForCausalLM", "EagleLlamaForCausalLM"],
      unknown: .refused, missing: .random,
      exceptions: [
        .init(name: "fc.bias", rule: .dropped, reason: "fc has no bias there"),
        .init(name: "lm_head.weight", rule: .refused, reason: "the head is the target's"),
      ],
      attentionBiases: .byKeys(["attention_bias", "bias"]), readsSpeculators: true),
    eagle3: DraftReader(
      method: "eagle3", architectures: ["LlamaForCausalLMEagle3", "Eagle3LlamaForCausalLM", "LlamaForCausalLM"],
      unknown: .refused, missing: .random,
      exceptions: [.init(name: "fc.bias", rule: .refused, reason: "fc has no bias there")],
      attentionBiases: .byKeys(["attention_bias"]), taps: .topLevel, readsSpeculators: true))
}
