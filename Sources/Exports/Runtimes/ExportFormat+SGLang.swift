internal import Bundles
internal import ByteStorage
internal import Models

extension ExportFormat {
  /// SGLang: `EAGLE` for EAGLE-1, EAGLE-2 and HASS drafts, `EAGLE3` for EAGLE-3.
  ///
  /// - Source: `llama_eagle.py`, `qwen2_eagle.py` and `llama_eagle3.py` of SGLang 0.5.23.
  static let sglang = folders("sglang", "SGLang's speculative decoding: EAGLE, HASS and EAGLE-3 drafts", .sglang) {
    (request, model, warnings) throws(GriffinError) in
    var draft = try RuntimeDraft(request, model, runtime: "SGLang")
    let biased = draft.biasedProjections
    guard !biased.contains("o") else {
      throw draft.refusal("this draft", "its attention has a bias on the output projection, which no class there builds")
    }
    if model.configuration.eagle3 == nil {
      try draft.refuseOwnEmbedding()
      // The layer always has a bias, of random numbers where the file brings none.
      try draft.addZeros("fc.bias", besides: "fc.weight")
      // LLaMA's class builds no biases of queries, keys and values, Qwen2's always all three.
      draft.config["architectures"] = [biased.isEmpty ? "LlamaForCausalLMEagle" : "Qwen2ForCausalLMEagle"]
      if !biased.isEmpty {
        draft.config["model_type"] = "qwen2"
        for name in ["q", "k", "v"] { try draft.addAttentionZeros(name) }
      }
    } else {
      draft.config["architectures"] = ["LlamaForCausalLMEagle3"]
      guard biased.isEmpty else {
        throw draft.refusal("this draft", "its attention has biases (\(biased.sorted().map { $0 + "_proj" }.joined(separator: ", "))), which it would leave out")
      }
      guard draft.tensor("fc.bias") == nil else {
        throw draft.refusal("this draft", "its fusion has a bias (fc.bias), which it would leave out")
      }
      guard model.configuration.eagle3?.normalisesResidual != true else {
        throw draft.refusal("this draft", "it takes the normalised feature as residual (norm_before_residual), and the class there never does")
      }
      if model.configuration.eagle3?.targetHiddenSize == model.configuration.hiddenSize { try draft.refuseOwnEmbedding() }
      try draft.stateTaps()
      // Without a head of its own the key has to be there, and to say nothing.
      if draft.tensor("lm_head.weight") == nil { draft.config["draft_vocab_size"] = .null }
    }
    return draft.folder
  }
}
