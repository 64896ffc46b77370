internal import ByteStorage

extension GGUFArchitecture {
  /// Qwen2 and Qwen2.5, in Hugging Face's row order.
  ///
  /// - Source: `Qwen2Model` in llama.cpp's `convert_hf_to_gguf.py`.
  static let qwen2 = GGUFArchitecture(
    name: "qwen2",
    modelType: { (_) throws(GriffinError) in ("qwen2", "Qwen2ForCausalLM") },
    families: ["qwen2"],
    layerTensors: NamedTensor.common + NamedTensor.attention
  )
}
