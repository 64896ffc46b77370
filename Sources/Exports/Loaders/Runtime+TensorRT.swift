extension Runtime {
  /// - Source: `tensorrt_llm/_torch/models/modeling_speculative.py`; EAGLE-1 is served by engines of the older kind alone.
  static let tensorRT = Runtime(
    name: "tensorrt-llm", title: "TensorRT-LLM", eagle: nil,
    eagle3: DraftReader(method: "Eagle3", architectures: [], attentionBiases: [.init("attention_bias", "qkvo")], taps: .told))
}
