import ByteStorage
import TestSupport

/// Metadata that contradict the tensors or each other: the model and its tokenizer.
extension GGUFCorpus {
  private static let required = "MUST be there; a list by layers MUST hold one number"
  private static let heads = "the second defaults to the first and divides it"
  private static let known = "`general.architecture` is `llama`, `qwen2`, `qwen3` or"

  private static func number(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ key: String, _ mention: String, _ value: GGUFBuilder.Value?
  ) -> HostileCase {
    refuse(name, words, kind, key, mention) { $0[key] = value }
  }

  static let model: [HostileCase] = [
    number("architecture-missing", known, .malformed, "general.architecture", "missing", nil),
    number("architecture-unknown", known, .unsupported, "general.architecture", "mamba", .string("mamba")),
    number("architecture-with-nul", known, .unsupported, "general.architecture", "known", .string("llama\0")),
    number("architecture-a-number", known, .malformed, "general.architecture", "expected a string", .uint32(1)),
    number("an-adapter", "adapters and projectors are refused", .unsupported, "general.type", "adapter", .string("adapter")),
    number("layers-missing", required, .malformed, "llama.block_count", "missing", nil),
    number("layers-zero", required, .malformed, "llama.block_count", "is 0", .uint32(0)),
    number("layers-a-billion", "1 to 4096 layers", .malformed, "llama.block_count", "1000000000", .uint32(1_000_000_000)),
    number("layers-negative", required, .malformed, "llama.block_count", "-1", .int32(-1)),
    number("layers-beyond-64-bits", required, .malformed, "llama.block_count", "an integer", .uint64(.max)),
    number("layers-a-fraction", required, .malformed, "llama.block_count", "an integer", .float32(2)),
    refuse("layers-one-more", required, .inconsistent, "missing", "model.layers.2") { $0["llama.block_count"] = .uint32(3) },
    number("hidden-missing", required, .malformed, "llama.embedding_length", "missing", nil),
    number("hidden-zero", required, .malformed, "llama.embedding_length", "is 0", .uint32(0)),
    number("hidden-huge", required, .malformed, "llama.embedding_length", "4294967295", .uint32(.max)),
    number("feed-forward-of-no-layers", required, .unsupported, "llama.feed_forward_length", "layer", .integers([])),
    number("feed-forward-by-layers", required, .unsupported, "llama.feed_forward_length", "layer", .integers([64, 32])),
    number("heads-zero", heads, .malformed, "llama.attention.head_count", "is 0", .uint32(0)),
    number("heads-a-million", "1 to 4096 heads", .malformed, "llama.attention.head_count", "1000000", .uint32(1_000_000)),
    refuse("heads-that-do-not-divide-hidden", heads, .inconsistent, "embedding_length", "key_length") {
      $0["llama.attention.head_count"] = .uint32(6)
    },
    number("key-heads-zero", heads, .malformed, "llama.attention.head_count_kv", "is 0", .uint32(0)),
    refuse("key-heads-that-do-not-divide", heads, .inconsistent, "llama.attention.head_count", "multiple") {
      $0["llama.attention.head_count_kv"] = .uint32(3)
    },
    number("head-dimension-zero", "`head_dim`", .malformed, "llama.attention.key_length", "is 0", .uint32(0)),
    refuse(
      "head-dimension-odd", "`head_dim` | `embedding_length / head_count` where absent, even", .inconsistent, "heads", "even"
    ) { $0["llama.attention.key_length"] = .uint32(7) },
    refuse("head-dimension-other", "G14.", .inconsistent, "attn_q.weight", "4 heads of 16") {
      $0["llama.attention.key_length"] = .uint32(16)
    },
    number("value-length-other", "MUST equal it", .unsupported, "llama.attention.value_length", "16", .uint32(16)),
    number("rotation-partial", "MUST equal it", .unsupported, "llama.rope.dimension_count", "4", .uint32(4)),
    number(
      "epsilon-missing", "`rms_norm_eps` | MUST be there", .malformed, "llama.attention.layer_norm_rms_epsilon", "missing", nil),
    number(
      "epsilon-not-a-number", "`rms_norm_eps`", .malformed, "llama.attention.layer_norm_rms_epsilon", "finite", .float32(.nan)),
    number("epsilon-text", "`rms_norm_eps`", .malformed, "llama.attention.layer_norm_rms_epsilon", "a number", .string("1e-5")),
    number("rope-base-infinite", "`rope_theta`", .malformed, "llama.rope.freq_base", "finite", .float32(.infinity)),
    refuse(
      "rope-factor-unknown", "other YaRN factors than the defaults are refused", .unsupported, "llama.rope.scaling.attn_factor",
      "1.5"
    ) {
      $0["llama.rope.scaling.type"] = .string("yarn")
      $0["llama.rope.scaling.attn_factor"] = .float32(1.5)
    },
    refuse("granite-of-no-logit-scale", "`A.logit_scale` MUST be there", .malformed, "granite.logit_scale", "missing or 0") {
      $0 = .tiny("granite")
    },
    refuse("granite-of-no-rotation", "one that rotates nothing", .unsupported, "granite.rope.scaling.finetuned", "false") {
      $0 = .tiny("granite")
      ($0["granite.logit_scale"], $0["granite.rope.scaling.finetuned"]) = (.float32(8), .bool(false))
    },
    refuse("granite-of-experts", known, .unsupported, "general.architecture", "granitemoe") { $0 = .tiny("granitemoe") },
    number("experts-too-many", "at most 1024", .malformed, "llama.expert_count", "1073741824", .uint32(1 << 30)),
    refuse("experts-used-missing", "at most 1024", .malformed, "expert_used_count", "missing") {
      $0["llama.expert_count"] = .uint32(4)
    },
    refuse("experts-used-beyond-their-number", "at most 1024", .malformed, "llama.expert_used_count", "is 5") {
      $0["llama.expert_count"] = .uint32(4)
      $0["llama.expert_used_count"] = .uint32(5)
    },
    refuse("experts-merged-without-a-count", "G15. Merged experts", .inconsistent, "ffn_up_exps", "0 experts") {
      $0.addFloats("blk.0.ffn_up_exps.weight", [4, 4, 4])
    },
    refuse("tensor-unknown", "G16. Any other tensor", .unsupported, "blk.0.extra.weight", "no such tensor") {
      $0.addFloats("blk.0.extra.weight", [4])
    },
    refuse("tensor-of-a-layer-too-many", "G16. Any other tensor", .unsupported, "blk.2.attn_norm.weight", "no such tensor") {
      $0.addFloats("blk.2.attn_norm.weight", [32])
    },
    refuse("tensor-of-a-huge-layer", "G16. Any other tensor", .unsupported, "no such tensor", "blk.9") {
      $0.addFloats("blk.99999999999999999999.attn_norm.weight", [32])
    },
    refuse("embedding-missing", "rows of `token_embd.weight`", .inconsistent, "token_embd.weight", "missing") {
      $0.tensors.removeFirst()
    },
    refuse("rotary-factors-too-many", "`head_dim / 2`", .inconsistent, "rope_freqs.weight", "4 factors") {
      $0.addFloats("rope_freqs.weight", [5])
    },
    refuse(
      "rotary-factors-zero", "each inverse frequency is divided by its factor", .inconsistent, "rope_freqs.weight", "positive"
    ) {
      $0.addFloats("rope_freqs.weight", [4])
      $0.tensors[$0.tensors.count - 1].bytes = [UInt8](repeating: 0, count: 16)
    },
  ]

  private static let each = "have an element for each token"

  static let tokenizer: [HostileCase] = [
    number("tokens-too-few", each, .inconsistent, "tokenizer.ggml.tokens", "has 2 tokens", .strings(["a", "b"])),
    number("tokens-of-numbers", each, .malformed, "tokenizer.ggml.tokens", "array of string", .integers([1, 2])),
    number("tokens-a-text", each, .malformed, "tokenizer.ggml.tokens", "an array", .string("a")),
    number(
      "tokens-not-utf8", "a string is UTF-8", .malformed, "tokenizer.ggml.tokens", "UTF-8",
      .array(of: 8, count: 12, (0..<12).flatMap { _ in littleEndian(UInt64(1)) + [0xFF] })),
    number(
      "token-of-65536-bytes", "a token 65,535 bytes", .unsafe, "tokenizer.ggml.tokens", "65535",
      .strings([String(repeating: "a", count: 65536)] + (1..<12).map { "t\($0)" })),
    refuse("tokens-all-the-same", "of a control, unknown or byte token stands there once", .malformed, "tokenizer.model", "twice") {
      $0["tokenizer.ggml.tokens"] = .strings([String](repeating: "a", count: 12))
    },
    number("scores-missing", each, .malformed, "tokenizer.ggml.scores", "0 elements", nil),
    number("scores-too-few", each, .malformed, "tokenizer.ggml.scores", "11 elements", .floats([Float](repeating: 0, count: 11))),
    number(
      "scores-of-integers", each, .malformed, "tokenizer.ggml.scores", "float32", .integers([Int32](repeating: 0, count: 12))),
    refuse("scores-not-numbers", "a score is a number", .malformed, "tokenizer.model", "score of piece 0") {
      $0["tokenizer.ggml.scores"] = .floats([Float](repeating: .nan, count: 12))
    },
    number("kinds-too-few", each, .malformed, "tokenizer.ggml.token_type", "1 elements", .integers([1])),
    number("kinds-unknown", each, .malformed, "tokenizer.ggml.token_type", "is 7", .integers([Int32](repeating: 7, count: 12))),
    number(
      "kinds-of-floats", each, .malformed, "tokenizer.ggml.token_type", "integers", .floats([Float](repeating: 1, count: 12))),
    number(
      "end-token-beyond-the-vocabulary", "in the vocabulary", .malformed, "tokenizer.ggml.eos_token_id", "is 12", .uint32(12)),
    number("end-token-negative", "in the vocabulary", .malformed, "tokenizer.ggml.eos_token_id", "is -2", .int32(-2)),
    number("begin-token-a-text", "in the vocabulary", .malformed, "tokenizer.ggml.bos_token_id", "an integer", .string("<s>")),
    number(
      "unknown-token-beyond-the-vocabulary", "in the vocabulary", .malformed, "tokenizer.ggml.unknown_token_id", "is 99",
      .uint32(99)),
    refuse("merges-missing", "merges as they are", .malformed, "tokenizer.ggml.merges", "missing") {
      $0["tokenizer.ggml.model"] = .string("gpt2")
    },
    number("template-a-number", "`tokenizer.chat_template`", .malformed, "tokenizer.chat_template", "a string", .uint32(1)),
    number("add-bos-a-number", "`add_bos_token`", .malformed, "tokenizer.ggml.add_bos_token", "a bool", .uint32(1)),
  ]
}
