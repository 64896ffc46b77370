internal import ByteStorage

extension GGUFArchitecture {
  /// LLaMA, Vicuna and Mistral, and with experts Mixtral: one architecture for ggml, whose rotary embedding turns
  /// neighbouring elements, so that the converter interleaves the halves of every query and key head.
  ///
  /// - Source: `LlamaModel` in llama.cpp's `convert_hf_to_gguf.py`, `permute`.
  package static let llama = GGUFArchitecture(
    name: "llama",
    modelType: { (metadata) throws(GriffinError) in
      if try metadata.integer("llama.expert_count") ?? 0 > 0 { return ("mixtral", "MixtralForCausalLM") }
      // A window is what tells Mistral from LLaMA.
      if metadata["llama.attention.sliding_window"] != nil { return ("mistral", "MistralForCausalLM") }
      return ("llama", "LlamaForCausalLM")
    },
    families: ["llama", "mistral", "mixtral"],
    layerTensors: NamedTensor.common + NamedTensor.interleavedAttention + [
      NamedTensor("ffn_gate_inp.weight", "block_sparse_moe.gate.weight"),
      NamedTensor("ffn_gate_exps.weight", "block_sparse_moe.experts.{expert}.w1.weight", .mergedExperts),
      NamedTensor("ffn_down_exps.weight", "block_sparse_moe.experts.{expert}.w2.weight", .mergedExperts),
      NamedTensor("ffn_up_exps.weight", "block_sparse_moe.experts.{expert}.w3.weight", .mergedExperts),
      NamedTensor("ffn_gate.{expert}.weight", "block_sparse_moe.experts.{expert}.w1.weight"),
      NamedTensor("ffn_down.{expert}.weight", "block_sparse_moe.experts.{expert}.w2.weight"),
      NamedTensor("ffn_up.{expert}.weight", "block_sparse_moe.experts.{expert}.w3.weight"),
    ]
  )
}
