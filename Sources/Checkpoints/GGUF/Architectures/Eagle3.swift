internal import ByteStorage

extension GGUFArchitecture {
  /// EAGLE-3 drafts. An embedding or a head that the file has not is the target's.
  ///
  /// - Source: `llama_model_eagle3` in llama.cpp's `src/models`, and `LlamaModel` of its converter.
  package static let eagle3 = GGUFArchitecture(
    name: "eagle3",
    modelType: { (_) throws(GriffinError) in ("llama", "LlamaForCausalLMEagle3") },
    families: [],
    layerTensors: NamedTensor.common + NamedTensor.interleavedAttention + [NamedTensor("attn_norm_2.weight", "hidden_norm.weight")],
    layerPrefix: "midlayer.",
    globalTensors: [
      NamedTensor("token_embd.weight", "embed_tokens.weight"),
      NamedTensor("output_norm.weight", "norm.weight"),
      NamedTensor("output.weight", "lm_head.weight"),
      NamedTensor("fc.weight", "fc.weight"),
      NamedTensor("enc.output_norm.weight", "input_norm.weight"),
      NamedTensor("d2t", "d2t", .targetIDs),
    ],
    draftKeys: { (metadata, headRows) throws(GriffinError) in
      guard let layers = try metadata.integers("eagle3.target_layers") else {
        throw GriffinError(.malformed, file: metadata.file.path, "eagle3.target_layers is missing; it says which states of the target are read")
      }
      var keys: JSONObject = [
        "draft_vocab_size": .integer(headRows), "eagle_aux_hidden_state_layer_ids": .array(layers.map { .integer($0) }),
      ]
      if let width = try metadata.integer("eagle3.target_hidden_size") { keys["target_hidden_size"] = .integer(width) }
      for key in ["norm_before_residual", "norm_before_fc"] {
        if let value = try metadata.bool("eagle3.\(key)") { keys[key] = .bool(value) }
      }
      return keys
    }
  )
}
