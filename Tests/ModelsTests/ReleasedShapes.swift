import ByteStorage
import Models
import Tensors
import TestSupport

/// The tensors of released models by name and shape, written down from the checkpoints; nothing is ever read of them.
enum ReleasedShapes {
  struct Sizes: Sendable {
    var hidden, intermediate, layers, heads, keyValueHeads, vocabulary: Int
    var type = ElementType.f16
    var tied = false
    var biases = false

    var config: JSONObject {
      [
        "model_type": "llama", "hidden_size": .integer(hidden), "intermediate_size": .integer(intermediate),
        "num_hidden_layers": .integer(layers), "num_attention_heads": .integer(heads),
        "num_key_value_heads": .integer(keyValueHeads), "vocab_size": .integer(vocabulary), "tie_word_embeddings": .bool(tied),
      ]
    }

    func document() throws -> ConfigDocument { try ConfigDocument(.object(config), file: "config.json") }
  }

  static func target(_ sizes: Sizes) throws -> MemorySource {
    var source = MemorySource()
    try source.add("model.embed_tokens.weight", sizes.type, [sizes.vocabulary, sizes.hidden])
    for layer in 0..<sizes.layers {
      try add("model.layers.\(layer).", sizes, outputs: sizes.hidden, to: &source)
      try source.add("model.layers.\(layer).input_layernorm.weight", sizes.type, [sizes.hidden])
    }
    try source.add("model.norm.weight", sizes.type, [sizes.hidden])
    if !sizes.tied { try source.add("lm_head.weight", sizes.type, [sizes.vocabulary, sizes.hidden]) }
    return source
  }

  static func draft(_ sizes: Sizes) throws -> MemorySource {
    let (hidden, wide) = (sizes.hidden, sizes.intermediate)
    var source = MemorySource()
    try source.add("embed_tokens.weight", sizes.type, [sizes.vocabulary, hidden])
    try source.add("fc.fc.weight", sizes.type, [hidden, 2 * hidden])
    try source.add("fc.fc.bias", sizes.type, [hidden])
    try source.add("fc.post_attention_layernorm.weight", sizes.type, [hidden])
    try source.add("fc.mlp.input_layernorm.weight", sizes.type, [hidden])
    try source.add("fc.mlp.up_proj.weight", sizes.type, [wide, 2 * hidden])
    try source.add("fc.mlp.down_proj.weight", sizes.type, [hidden, wide])
    try add("layers.0.", sizes, outputs: 2 * hidden, to: &source)
    return source
  }

  /// What a layer of either has.
  private static func add(_ prefix: String, _ sizes: Sizes, outputs: Int, to source: inout MemorySource) throws {
    let (hidden, wide) = (sizes.hidden, sizes.intermediate)
    let keys = hidden / sizes.heads * sizes.keyValueHeads
    for (name, rows) in [("q_proj", hidden), ("k_proj", keys), ("v_proj", keys), ("o_proj", hidden)] {
      try source.add("\(prefix)self_attn.\(name).weight", sizes.type, [rows, hidden])
      if sizes.biases, name != "o_proj" { try source.add("\(prefix)self_attn.\(name).bias", sizes.type, [rows]) }
    }
    try source.add(prefix + "mlp.gate_proj.weight", sizes.type, [wide, hidden])
    try source.add(prefix + "mlp.up_proj.weight", sizes.type, [wide, hidden])
    try source.add(prefix + "mlp.down_proj.weight", sizes.type, [outputs, wide])
    try source.add(prefix + "post_attention_layernorm.weight", sizes.type, [hidden])
  }
}
