internal import ByteStorage

extension GGUFArchitecture {
  /// Qwen3: Qwen2 with a norm on every query and key head.
  ///
  /// - Source: `Qwen3Model` in llama.cpp's `convert_hf_to_gguf.py`.
  static let qwen3 = GGUFArchitecture(
    name: "qwen3",
    modelType: { (_) throws(GriffinError) in ("qwen3", "Qwen3ForCausalLM") },
    families: ["qwen3"],
    layerTensors: NamedTensor.common + NamedTensor.attention + [
      NamedTensor("attn_q_norm.weight", "self_attn.q_norm.weight"),
      NamedTensor("attn_k_norm.weight", "self_attn.k_norm.weight"),
    ]
  )
}
