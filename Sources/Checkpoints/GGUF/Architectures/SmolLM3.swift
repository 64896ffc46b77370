internal import ByteStorage

extension GGUFArchitecture {
  /// SmolLM3, whose heads are interleaved as LLaMA's are. In ggml every fourth layer does not rotate, whatever the model says.
  ///
  /// - Source: `SmolLM3Model` in llama.cpp's converter, and `llama_model_smollm3`.
  static let smolLM3 = GGUFArchitecture(
    name: "smollm3",
    modelType: { (_) throws(GriffinError) in ("smollm3", "SmolLM3ForCausalLM") },
    families: ["smollm3"],
    layerTensors: NamedTensor.common + NamedTensor.interleavedAttention,
    keys: { (_) throws(GriffinError) in ["no_rope_layer_interval": 4] }
  )
}
