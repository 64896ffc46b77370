internal import ByteStorage

extension GGUFArchitecture {
  /// Qwen3's mixtures. ggml divides the weights of a token's experts by their sum, whatever the model says.
  ///
  /// - Source: `Qwen3MoeModel` in llama.cpp's converter, and `llama_model_qwen3moe`.
  static let qwen3MoE = GGUFArchitecture(
    name: "qwen3moe",
    modelType: { (_) throws(GriffinError) in ("qwen3_moe", "Qwen3MoeForCausalLM") },
    families: ["qwen3_moe"],
    layerTensors: NamedTensor.common + NamedTensor.attention + NamedTensor.qwenExperts + [
      NamedTensor("attn_q_norm.weight", "self_attn.q_norm.weight"),
      NamedTensor("attn_k_norm.weight", "self_attn.k_norm.weight"),
    ],
    keys: { (metadata) throws(GriffinError) in try qwenKeys(metadata, "qwen3moe", normalises: true) }
  )

  /// What the configuration of one of Qwen's mixtures has beside that of every model.
  static func qwenKeys(_ metadata: GGUFMetadata, _ name: String, normalises: Bool) throws(GriffinError) -> JSONObject {
    var keys: JSONObject = ["norm_topk_prob": .bool(normalises)]
    let width = try metadata.integer("\(name).expert_feed_forward_length")
    let (all, used) = (try metadata.uniformInteger("\(name).feed_forward_length", in: 1...1_048_576), try metadata.integer("\(name).expert_used_count"))
    // Older files leave it open.
    if let width = width ?? all.flatMap({ all in used.flatMap { $0 > 0 ? all / $0 : nil } }) { keys["moe_intermediate_size"] = .integer(width) }
    return keys
  }
}

extension GGUFArchitecture.NamedTensor {
  /// Router and experts under Qwen's names.
  static let qwenExperts: [GGUFArchitecture.NamedTensor] = [
    .init("ffn_gate_inp.weight", "mlp.gate.weight"),
    .init("ffn_gate_exps.weight", "mlp.experts.{expert}.gate_proj.weight", .mergedExperts),
    .init("ffn_down_exps.weight", "mlp.experts.{expert}.down_proj.weight", .mergedExperts),
    .init("ffn_up_exps.weight", "mlp.experts.{expert}.up_proj.weight", .mergedExperts),
  ]
}
