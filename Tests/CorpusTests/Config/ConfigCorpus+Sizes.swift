import ByteStorage

extension ConfigCorpus {
  private static let must = "MUST be there"
  private static let sizeRule = "K3. Sizes are whole numbers"

  static let sizes: [HostileCase] =
    ["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size"].map { key in
      refuse("without-\(key.replacing("_", with: "-"))", must, .malformed, "\(key) is missing") { $0[key] = nil }
    } + [
      refuse("hidden-size-null", must, .malformed, "hidden_size is missing", set: "hidden_size", .null),
      refuse("hidden-size-text", sizeRule, .malformed, "hidden_size", "integer", set: "hidden_size", "16"),
      refuse("hidden-size-a-list", sizeRule, .malformed, "hidden_size", set: "hidden_size", [16]),
      refuse("hidden-size-fraction", sizeRule, .malformed, "hidden_size", set: "hidden_size", 16.5),
      refuse("hidden-size-zero", sizeRule, .malformed, "hidden_size is 0", set: "hidden_size", 0),
      refuse("hidden-size-negative", sizeRule, .malformed, "hidden_size is -16", set: "hidden_size", -16),
      refuse("hidden-size-of-63-bits", sizeRule, .malformed, "1048576", set: "hidden_size", .integer(.max)),
      refuse("hidden-size-beyond-64-bits", sizeRule, .malformed, "hidden_size", set: "hidden_size", 18446744073709551616.0),
      refuse("hidden-size-true", sizeRule, .malformed, "hidden_size", set: "hidden_size", true),
      refuse("intermediate-size-huge", sizeRule, .malformed, "intermediate_size", set: "intermediate_size", 1_048_577),
      refuse("vocabulary-zero", sizeRule, .malformed, "vocab_size is 0", set: "vocab_size", 0),
      refuse("vocabulary-huge", sizeRule, .malformed, "16777216", set: "vocab_size", 16_777_217),
      refuse(
        "a-thousand-million-layers", sizeRule, .malformed, "num_hidden_layers is 1000000000", set: "num_hidden_layers",
        1_000_000_000),
      refuse("no-layers", sizeRule, .malformed, "num_hidden_layers is 0", set: "num_hidden_layers", 0),
      refuse("heads-zero", sizeRule, .malformed, "num_attention_heads is 0", set: "num_attention_heads", 0),
      refuse("heads-huge", sizeRule, .malformed, "4096", set: "num_attention_heads", 4097),
      refuse("key-heads-zero", sizeRule, .malformed, "num_key_value_heads is 0", set: "num_key_value_heads", 0),
      refuse("key-heads-negative", sizeRule, .malformed, "num_key_value_heads is -1", set: "num_key_value_heads", -1),
      refuse("head-dimension-zero", sizeRule, .malformed, "head_dim is 0", set: "head_dim", 0),
      refuse("head-dimension-huge", sizeRule, .malformed, "head_dim", set: "head_dim", 2_097_152),
      refuse("positions-zero", sizeRule, .malformed, "max_position_embeddings", set: "max_position_embeddings", 0),
      refuse("positions-huge", sizeRule, .malformed, "max_position_embeddings", set: "max_position_embeddings", 1_000_000_001),
      refuse(
        "heads-do-not-divide-width", "MUST divide `hidden_size` where there is no `head_dim`", .inconsistent, "16",
        "num_attention_heads 3"
      ) {
        $0["head_dim"] = nil
        $0["num_attention_heads"] = 3
        $0["num_key_value_heads"] = 3
      },
      refuse("key-heads-do-not-divide-heads", "MUST divide the query heads", .inconsistent, "num_key_value_heads 2") {
        $0["num_attention_heads"] = 3
        $0["num_key_value_heads"] = 2
      },
      refuse(
        "more-key-heads-than-heads", "MUST divide the query heads", .inconsistent, "num_key_value_heads 4",
        set: "num_key_value_heads", 4),
      refuse("head-dimension-odd", "MUST be even", .inconsistent, "head_dim is 7", set: "head_dim", 7),
      refuse(
        "vocabulary-of-more-rows", "F3. Every tensor below MUST be there with its shape", .inconsistent,
        "model.embed_tokens.weight", "[33, 16]", set: "vocab_size", 33),
      refuse(
        "vocabulary-of-fewer-rows", "F3. Every tensor below MUST be there with its shape", .inconsistent, "[31, 16]",
        set: "vocab_size", 31),
      refuse(
        "other-width", "F3. Every tensor below MUST be there with its shape", .inconsistent, "[32, 32]", set: "hidden_size", 32),
      refuse(
        "a-layer-more", "F3. Every tensor below MUST be there with its shape", .inconsistent, "9 missing", "model.layers.1",
        set: "num_hidden_layers", 2),
      refuse(
        "4095-layers-more", "F3. Every tensor below MUST be there with its shape", .inconsistent, "36855 missing",
        set: "num_hidden_layers", 4096),
      refuse(
        "key-heads-of-another-model", "F3. Every tensor below MUST be there with its shape", .inconsistent, "k_proj",
        set: "num_key_value_heads", 2),
      refuse("epsilon-negative", "0 to 1", .malformed, "rms_norm_eps", set: "rms_norm_eps", -1e-5),
      refuse("epsilon-text", "0 to 1", .malformed, "rms_norm_eps", set: "rms_norm_eps", "1e-5"),
      refuse("activation-gelu", "MUST be `silu` or `swish`", .unsupported, "hidden_act is gelu", set: "hidden_act", "gelu"),
      refuse(
        "activation-a-megabyte", "MUST be `silu` or `swish`", .unsupported, "hidden_act is gggg", set: "hidden_act",
        .string(String(repeating: "g", count: 1 << 20))),
      refuse("tied-a-word", "K4. A member of another type", .malformed, "tie_word_embeddings", set: "tie_word_embeddings", "yes"),
      refuse("tied-a-number", "K4. A member of another type", .malformed, "tie_word_embeddings", set: "tie_word_embeddings", 1),
      refuse("end-token-text", "an id or a list", .malformed, "eos_token_id", set: "eos_token_id", "</s>"),
      refuse("end-tokens-with-text", "an id or a list", .malformed, "eos_token_id", set: "eos_token_id", [2, "</s>"]),
      refuse("end-token-fraction", "an id or a list", .malformed, "eos_token_id", set: "eos_token_id", 2.5),
      refuse("end-token-object", "an id or a list", .malformed, "eos_token_id", set: "eos_token_id", ["id": 2]),
      refuse(
        "end-tokens-many", "at most 1024", .unsafe, "eos_token_id", "1024", set: "eos_token_id",
        .array((0..<200_000).map { .integer($0) })),
      refuse("begin-token-text", "an id or a list", .malformed, "bos_token_id", set: "bos_token_id", "<s>"),
    ]
}
