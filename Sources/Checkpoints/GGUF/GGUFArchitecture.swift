internal import ByteStorage

/// An architecture of GGUF, declared: which Hugging Face model it is, and what its tensors are called there.
package struct GGUFArchitecture: Sendable {
  /// One tensor, of a layer or outside of them.
  package struct NamedTensor: Sendable {
    /// Of a layer what follows `blk.N.`; `{expert}` stands for a number.
    package let name: String
    /// Of a layer what follows `layerPrefix`; `{expert}` stands for a number.
    package let canonicalName: String
    package let arrangement: Arrangement

    init(_ name: String, _ canonicalName: String, _ arrangement: Arrangement = .asItIs) {
      (self.name, self.canonicalName, self.arrangement) = (name, canonicalName, arrangement)
    }
  }

  /// How a tensor of the file differs from Hugging Face's.
  package enum Arrangement: Sendable {
    case asItIs
    /// Rows of every query head interleave its two halves.
    case interleavedQueries
    /// Rows of every key head interleave its two halves.
    case interleavedKeys
    /// The experts' tensors one after another, the expert outermost.
    case mergedExperts
    /// A matrix of one row, which the file has as a vector.
    case oneRow
    /// Ids of the target's tokens (I64), where drafts have what is to be added to the own ones.
    case targetIDs
  }

  /// `general.architecture`, and the prefix of its metadata.
  package let name: String
  /// `model_type` and the class of `architectures` that this model is.
  let modelType: @Sendable (GGUFMetadata) throws(GriffinError) -> (type: String, architecture: String)
  /// The families of models that are of it, as reports and manifests name them.
  package let families: [String]
  package let layerTensors: [NamedTensor]
  /// What the names of a layer's tensors begin with; `{layer}` stands for its number.
  package var layerPrefix = "model.layers.{layer}."
  /// Tensors outside the layers.
  package var globalTensors = NamedTensor.commonGlobals
  /// What its configuration has beside that of every model.
  var keys: (@Sendable (GGUFMetadata) throws(GriffinError) -> JSONObject)?
  /// Of a draft, what its configuration has beside that of every model; nil for targets.
  var draftKeys: (@Sendable (GGUFMetadata, _ headRows: Int) throws(GriffinError) -> JSONObject)?

  /// Every architecture that is known. A new one is a file in `Architectures` and a line here.
  package static let all: [GGUFArchitecture] = [.llama, .qwen2, .qwen3, .eagle3, .qwen3MoE, .qwen2MoE, .smolLM3, .granite]

  /// The key of this architecture's metadata.
  package func key(_ name: String) -> String { "\(self.name).\(name)" }

  /// - Throws: `unsupported` for other architectures, and for files that hold no model; `malformed` where there is none.
  static func of(_ metadata: GGUFMetadata) throws(GriffinError) -> GGUFArchitecture {
    if let kind = try metadata.string("general.type"), kind != "model" {
      throw GriffinError(.unsupported, file: metadata.file.path, "general.type is \(kind.shortened(to: 40)); only models are read")
    }
    guard let name = try metadata.string("general.architecture") else {
      throw GriffinError(.malformed, file: metadata.file.path, "general.architecture is missing; it says what the tensors mean")
    }
    guard let architecture = all.first(where: { $0.name == name }) else {
      throw GriffinError(
        .unsupported, file: metadata.file.path,
        "general.architecture is \(name.shortened(to: 40)); known architectures are \(all.map(\.name).joined(separator: ", "))")
    }
    return architecture
  }
}

extension GGUFArchitecture.NamedTensor {
  /// What all targets have outside their layers.
  package static let commonGlobals: [GGUFArchitecture.NamedTensor] = [
    .init("token_embd.weight", "model.embed_tokens.weight"),
    .init("output_norm.weight", "model.norm.weight"),
    .init("output.weight", "lm_head.weight"),
  ]

  /// What all LLaMA-like architectures share, but queries and keys.
  static let common: [GGUFArchitecture.NamedTensor] = [
    .init("attn_norm.weight", "input_layernorm.weight"),
    .init("attn_v.weight", "self_attn.v_proj.weight"),
    .init("attn_v.bias", "self_attn.v_proj.bias"),
    .init("attn_output.weight", "self_attn.o_proj.weight"),
    .init("attn_output.bias", "self_attn.o_proj.bias"),
    .init("ffn_norm.weight", "post_attention_layernorm.weight"),
    .init("ffn_gate.weight", "mlp.gate_proj.weight"),
    .init("ffn_gate.bias", "mlp.gate_proj.bias"),
    .init("ffn_up.weight", "mlp.up_proj.weight"),
    .init("ffn_up.bias", "mlp.up_proj.bias"),
    .init("ffn_down.weight", "mlp.down_proj.weight"),
    .init("ffn_down.bias", "mlp.down_proj.bias"),
  ]

  /// Queries and keys in Hugging Face's row order.
  static let attention: [GGUFArchitecture.NamedTensor] = [
    .init("attn_q.weight", "self_attn.q_proj.weight"),
    .init("attn_q.bias", "self_attn.q_proj.bias"),
    .init("attn_k.weight", "self_attn.k_proj.weight"),
    .init("attn_k.bias", "self_attn.k_proj.bias"),
  ]

  /// Queries and keys with the rows that rotate together side by side.
  static let interleavedAttention: [GGUFArchitecture.NamedTensor] = [
    .init("attn_q.weight", "self_attn.q_proj.weight", .interleavedQueries),
    .init("attn_q.bias", "self_attn.q_proj.bias", .interleavedQueries),
    .init("attn_k.weight", "self_attn.k_proj.weight", .interleavedKeys),
    .init("attn_k.bias", "self_attn.k_proj.bias", .interleavedKeys),
  ]
}
