internal import Bundles
internal import ByteStorage
internal import Models

extension ExportFormat {
  /// vLLM: `method: eagle` for EAGLE-1, EAGLE-2 and HASS drafts, `eagle3` for EAGLE-3.
  ///
  /// - Source: `llama_eagle.py` and `llama_eagle3.py` of vLLM 0.33.
  static let vllm = folders("vllm", "vLLM's speculative decoding: EAGLE, HASS and EAGLE-3 drafts", .vllm) {
    (request, model, warnings) throws(GriffinError) in
    var draft = try RuntimeDraft(request, model, runtime: "vLLM")
    let biased = draft.biasedProjections
    if model.configuration.eagle3 == nil {
      // It takes the class's name and puts Eagle before it, and knows LLaMA's alone.
      draft.config["architectures"] = ["LlamaForCausalLM"]
      if !biased.isEmpty {
        guard !biased.contains("o") else {
          throw draft.refusal("this draft", "its attention has a bias on the output projection, which no key of its configuration asks for")
        }
        for name in ["q", "k", "v"] { try draft.addAttentionZeros(name) }
        draft.config["attention_bias"] = false
        draft.config["qkv_bias"] = true
      }
      try draft.foldFusionBias(&warnings)
    } else {
      draft.config["architectures"] = ["LlamaForCausalLMEagle3"]
      guard draft.tensor("fc.bias") == nil else {
        throw draft.refusal("this draft", "its fusion has a bias (fc.bias), and fc has none there; its inputs are the target's states, so that no table can hold it")
      }
      draft.config["attention_bias"] = .bool(!biased.isEmpty)
      // Where it is set, all four are built and have to be in the file.
      if !biased.isEmpty { for name in ["q", "k", "v", "o"] { try draft.addAttentionZeros(name) } }
      try draft.stateTaps()
    }
    return draft.folder
  }
}
