extension Runtime {
  /// - Source: `lmdeploy/pytorch/models/llama_eagle.py` and `llama_eagle3.py`.
  static let lmDeploy = Runtime(
    name: "lmdeploy", title: "LMDeploy",
    eagle: DraftReader(
      method: "eagle", architectures: ["LlamaForCausalLM"],
      exceptions: [
        .init(name: "fc.bias", rule: .refused, reason: "fc has no bias there"),
        .init(name: "lm_head.weight", rule: .refused, reason: "the head is the target's"),
        .init(name: "embed_tokens.weight", rule: .required, reason: "embeddings are the draft's own"),
      ]),
    eagle3: DraftReader(
      method: "eagle3", architectures: ["LlamaForCausalLM"],
      exceptions: [
        .init(name: "fc.bias", rule: .refused, reason: "fc has no bias there"),
        .init(name: "lm_head.weight", rule: .required, reason: "the head is the draft's own"),
        .init(name: "d2t", rule: .required, reason: "it maps the draft's vocabulary"),
      ],
      readsResidualNorm: false))
}
