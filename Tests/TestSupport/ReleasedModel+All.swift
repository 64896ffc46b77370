internal import ByteStorage
internal import Tensors

extension ReleasedModel {
  private static func llama3Scaling(_ factor: Double) -> JSONObject {
    [
      "rope_theta": 500_000.0, "max_position_embeddings": 131_072, "eos_token_id": [128_001, 128_008, 128_009],
      "rope_scaling": [
        "factor": .number(factor), "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192,
        "rope_type": "llama3",
      ],
    ]
  }

  private static let qwen2: JSONObject = [
    "rope_theta": 1_000_000.0, "use_sliding_window": false, "sliding_window": 131_072, "max_window_layers": 28,
  ]

  private static func qwenMixture(_ count: Int, _ used: Int, width: Int, normalises: Bool, shared: Int? = nil) -> JSONObject {
    var extra: JSONObject = [
      "num_local_experts": nil, "num_experts": .integer(count), "num_experts_per_tok": .integer(used), "moe_intermediate_size": .integer(width),
      "norm_topk_prob": .bool(normalises), "decoder_sparse_step": 1, "mlp_only_layers": [], "rope_theta": 1_000_000.0,
      "use_sliding_window": false, "sliding_window": nil, "max_window_layers": 48,
    ]
    if let shared { extra["shared_expert_intermediate_size"] = .integer(shared) }
    return extra
  }

  /// A release in FP8: Qwen3 32B, its projections in blocks of 128 x 128.
  public static let fp8: ReleasedModel = {
    var model = ReleasedModel(
      "Qwen3 32B FP8", parameters: 32_762_123_264, "qwen3", .bf16, hidden: 5120, intermediate: 25600, layers: 64, heads: 64,
      keyValueHeads: 8, vocabulary: 151_936, headDimension: 128, shards: 7,
      ["rope_theta": 1_000_000.0, "use_sliding_window": false, "sliding_window": nil, "max_window_layers": 64])
    model.isFP8 = true
    return model
  }()

  /// Targets of the paper and of its neighbours.
  public static let targets: [ReleasedModel] = [
    ReleasedModel(
      "LLaMA 2 7B", parameters: 6_738_415_616, "llama", .f16, hidden: 4096, intermediate: 11008, layers: 32, heads: 32,
      keyValueHeads: 32, vocabulary: 32000, shards: 2),
    ReleasedModel(
      "LLaMA 2 13B", parameters: 13_015_864_320, "llama", .f16, hidden: 5120, intermediate: 13824, layers: 40, heads: 40,
      keyValueHeads: 40, vocabulary: 32000, shards: 3),
    ReleasedModel(
      "LLaMA 2 70B", parameters: 68_976_648_192, "llama", .f16, hidden: 8192, intermediate: 28672, layers: 80, heads: 64,
      keyValueHeads: 8, vocabulary: 32000, shards: 15),
    ReleasedModel(
      "LLaMA 3 8B", parameters: 8_030_261_248, "llama", .bf16, hidden: 4096, intermediate: 14336, layers: 32, heads: 32,
      keyValueHeads: 8, vocabulary: 128_256, shards: 4, ["rope_theta": 500_000.0]),
    ReleasedModel(
      "LLaMA 3 70B", parameters: 70_553_706_496, "llama", .bf16, hidden: 8192, intermediate: 28672, layers: 80, heads: 64,
      keyValueHeads: 8, vocabulary: 128_256, shards: 30, ["rope_theta": 500_000.0]),
    ReleasedModel(
      "LLaMA 3.1 8B", parameters: 8_030_261_248, "llama", .bf16, hidden: 4096, intermediate: 14336, layers: 32, heads: 32,
      keyValueHeads: 8, vocabulary: 128_256, shards: 4, llama3Scaling(8)),
    ReleasedModel(
      "LLaMA 3.2 1B", parameters: 1_235_814_400, "llama", .bf16, hidden: 2048, intermediate: 8192, layers: 16, heads: 32,
      keyValueHeads: 8, vocabulary: 128_256, headDimension: 64, isTied: true, llama3Scaling(32)),
    ReleasedModel(
      "Vicuna 7B", parameters: 6_738_415_616, "llama", .f16, hidden: 4096, intermediate: 11008, layers: 32, heads: 32,
      keyValueHeads: 32, vocabulary: 32000, shards: 2, isPyTorch: true),
    ReleasedModel(
      "Vicuna 13B", parameters: 13_015_864_320, "llama", .f16, hidden: 5120, intermediate: 13824, layers: 40, heads: 40,
      keyValueHeads: 40, vocabulary: 32000, shards: 3, isPyTorch: true),
    ReleasedModel(
      "Qwen2 7B", parameters: 7_615_616_512, "qwen2", .bf16, hidden: 3584, intermediate: 18944, layers: 28, heads: 28,
      keyValueHeads: 4, vocabulary: 152_064, shards: 4, qwen2),
    ReleasedModel(
      "Qwen2.5 72B", parameters: 72_706_203_648, "qwen2", .bf16, hidden: 8192, intermediate: 29568, layers: 80, heads: 64,
      keyValueHeads: 8, vocabulary: 152_064, shards: 37, qwen2),
    ReleasedModel(
      "Qwen3 8B", parameters: 8_190_735_360, "qwen3", .bf16, hidden: 4096, intermediate: 12288, layers: 36, heads: 32,
      keyValueHeads: 8, vocabulary: 151_936, headDimension: 128, shards: 5,
      ["rope_theta": 1_000_000.0, "use_sliding_window": false, "sliding_window": nil, "max_window_layers": 36]),
    ReleasedModel(
      "DeepSeek R1 Distill Qwen 32B", parameters: 32_763_876_352, "qwen2", .bf16, hidden: 5120, intermediate: 27648, layers: 64, heads: 40,
      keyValueHeads: 8, vocabulary: 152_064, shards: 8, qwen2),
    ReleasedModel(
      "SmolLM3 3B", parameters: 3_075_098_624, "smollm3", .bf16, hidden: 2048, intermediate: 11008, layers: 36, heads: 16,
      keyValueHeads: 4, vocabulary: 128_256, isTied: true, shards: 2,
      [
        "rope_theta": 5_000_000.0, "no_rope_layer_interval": 4, "use_sliding_window": false, "sliding_window": nil,
        "no_rope_layers": .array((0..<36).map { .integer(($0 + 1) % 4 == 0 ? 0 : 1) }),
      ]),
    ReleasedModel(
      "Granite 3.1 8B", parameters: 8_170_848_256, "granite", .bf16, hidden: 4096, intermediate: 12800, layers: 40, heads: 32,
      keyValueHeads: 8, vocabulary: 49155, isTied: true, shards: 4,
      [
        "rope_theta": 10_000_000.0, "embedding_multiplier": 12.0, "attention_multiplier": 0.0078125, "residual_multiplier": 0.22,
        "logits_scaling": 16.0,
      ]),
    ReleasedModel(
      "Qwen1.5 MoE A2.7B", parameters: 14_315_784_192, "qwen2_moe", .bf16, hidden: 2048, intermediate: 5632, layers: 24, heads: 16,
      keyValueHeads: 16, vocabulary: 151_936, experts: 60, shards: 8, qwenMixture(60, 4, width: 1408, normalises: false, shared: 5632)),
    ReleasedModel(
      "Qwen3 30B A3B", parameters: 30_532_122_624, "qwen3_moe", .bf16, hidden: 2048, intermediate: 6144, layers: 48, heads: 32,
      keyValueHeads: 4, vocabulary: 151_936, headDimension: 128, experts: 128, shards: 16, qwenMixture(128, 8, width: 768, normalises: true)),
    ReleasedModel(
      "Qwen3 235B A22B", parameters: 235_093_634_560, "qwen3_moe", .bf16, hidden: 4096, intermediate: 12288, layers: 94, heads: 64,
      keyValueHeads: 4, vocabulary: 151_936, headDimension: 128, experts: 128, shards: 118,
      qwenMixture(128, 8, width: 1536, normalises: true)),
    ReleasedModel(
      "Mixtral 8x7B", parameters: 46_702_792_704, "mixtral", .bf16, hidden: 4096, intermediate: 14336, layers: 32, heads: 32,
      keyValueHeads: 8, vocabulary: 32000, experts: 8, shards: 19, ["rope_theta": 1_000_000.0, "sliding_window": nil]),
    ReleasedModel(
      "Mixtral 8x22B", parameters: 140_620_634_112, "mixtral", .bf16, hidden: 6144, intermediate: 16384, layers: 56, heads: 48,
      keyValueHeads: 8, vocabulary: 32000, experts: 8, shards: 59, ["rope_theta": 1_000_000.0, "sliding_window": nil]),
  ]

  /// The six released GRIFFIN drafts, each named as its target.
  public static let drafts: [ReleasedModel] = [
    ReleasedModel(
      "LLaMA 2 7B", billions: 0.416, "llama", .f16, hidden: 4096, intermediate: 11008, layers: 1, heads: 32, keyValueHeads: 32,
      vocabulary: 32000, isDraft: true, isPyTorch: true),
    ReleasedModel(
      "LLaMA 2 13B", billions: 0.653, "llama", .f16, hidden: 5120, intermediate: 13824, layers: 1, heads: 40, keyValueHeads: 40,
      vocabulary: 32000, isDraft: true, isPyTorch: true),
    ReleasedModel(
      "LLaMA 3 8B", billions: 0.416, "llama", .f16, hidden: 4096, intermediate: 11008, layers: 1, heads: 32, keyValueHeads: 32,
      vocabulary: 128_256, isDraft: true, isPyTorch: true, ["rope_theta": 500_000.0]),
    ReleasedModel(
      "LLaMA 3 70B", billions: 1.929, "llama", .f16, hidden: 8192, intermediate: 28672, layers: 1, heads: 64, keyValueHeads: 8,
      vocabulary: 128_256, isDraft: true, isPyTorch: true, ["rope_theta": 500_000.0]),
    ReleasedModel(
      "Vicuna 7B", billions: 0.416, "llama", .f16, hidden: 4096, intermediate: 11008, layers: 1, heads: 32, keyValueHeads: 32,
      vocabulary: 32000, isDraft: true, isPyTorch: true),
    ReleasedModel(
      "Qwen2 7B", billions: 0.552, "qwen2", .f16, hidden: 3584, intermediate: 18944, layers: 1, heads: 28, keyValueHeads: 28,
      vocabulary: 152_064, isDraft: true, isPyTorch: true, ["qkv_bias": true, "rope_theta": 1_000_000.0]),
  ]
}
