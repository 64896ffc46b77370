extension Runtime {
  /// - Source: `optimum-intel` and OpenVINO GenAI.
  static let openVINO = Runtime(
    name: "openvino", title: "OpenVINO GenAI", eagle: nil,
    eagle3: DraftReader(
      method: "eagle3", architectures: ["LlamaForCausalLMEagle3", "Eagle3LlamaForCausalLM"],
      exceptions: [
        .init(name: "fc.bias", rule: .refused, reason: "fc has no bias there"),
        .init(name: "embed_tokens.weight", rule: .required, reason: "embeddings are the draft's own"),
        .init(name: "lm_head.weight", rule: .required, reason: "the head is the draft's own"),
      ],
      readsResidualNorm: false))
}
