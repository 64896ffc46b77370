internal import ByteStorage

extension GGUFArchitecture {
  /// Qwen1.5's and Qwen2's mixtures, with an expert that all tokens share. ggml does not divide the weights of a token's experts by
  /// their sum.
  ///
  /// - Source: `Qwen2MoeModel` in llama.cpp's converter, and `llama_model_qwen2moe`.
  static let qwen2MoE = GGUFArchitecture(
    name: "qwen2moe",
    modelType: { (_) throws(GriffinError) in ("qwen2_moe", "Qwen2MoeForCausalLM") },
    families: ["qwen2_moe"],
    layerTensors: NamedTensor.common + NamedTensor.attention + NamedTensor.qwenExperts + [
      NamedTensor("ffn_gate_inp_shexp.weight", "mlp.shared_expert_gate.weight", .oneRow),
      NamedTensor("ffn_gate_shexp.weight", "mlp.shared_expert.gate_proj.weight"),
      NamedTensor("ffn_down_shexp.weight", "mlp.shared_expert.down_proj.weight"),
      NamedTensor("ffn_up_shexp.weight", "mlp.shared_expert.up_proj.weight"),
    ],
    keys: { (metadata) throws(GriffinError) in
      var keys = try qwenKeys(metadata, "qwen2moe", normalises: false)
      let shared = try metadata.integer("qwen2moe.expert_shared_feed_forward_length")
      let all = try metadata.uniformInteger("qwen2moe.feed_forward_length", in: 1...1_048_576)
      if let width = shared ?? all { keys["shared_expert_intermediate_size"] = .integer(width) }
      return keys
    }
  )
}
