extension Runtime {
  /// - Source: `sglang/srt/models/llama_eagle.py`, `qwen2_eagle.py` and `llama_eagle3.py`, SGLang 0.5.23.
  static let sglang = Runtime(
    name: "sglang", title: "SGLang",
    eagle: DraftReader(
      method: "EAGLE", architectures: ["LlamaForCausalLMEagle", "Qwen2ForCausalLMEagle"],
      unknown: .dropped, missing: .random,
      exceptions: [
        .init(name: "fc.bias", rule: .needed, reason: "fc always has a bias there"),
        .init(name: "embed_tokens.weight", rule: .replaced, reason: "embeddings are the target's"),
        .init(name: "lm_head.weight", rule: .replaced, reason: "the head is the target's"),
      ],
      attentionBiases: [.init("Qwen2ForCausalLMEagle", "qkv"), .init("attention_bias", "qkvo"), .init("bias", "qkvo")]),
    eagle3: DraftReader(
      method: "EAGLE3", architectures: ["LlamaForCausalLMEagle3"],
      unknown: .dropped, missing: .random,
      exceptions: [.init(name: "fc.bias", rule: .dropped, reason: "fc has no bias there")],
      attentionBiases: [.init("attention_bias", "o"), .init("bias", "o")], readsResidualNorm: false, taps: .nested))
}
