import ByteStorage

/// Documents as the commands give them, of a made-up pair.
enum SampleDocuments {
  static let kinds = ["self_attn.q_proj", "self_attn.o_proj", "mlp.up_proj", "mlp.down_proj"]

  static func inspection(layers: Int = 2, name: String = "llama") -> JSONValue {
    var tensors: [JSONValue] = []
    func add(_ name: String, _ type: String, _ bytes: Int) {
      tensors.append([
        "name": .string(name), "type": .string(type), "shape": [8, 8], "offset": .integer(16384 * (tensors.count + 1)), "bytes": .integer(bytes),
        "sha256": .string(String(repeating: "ab", count: 32)),
      ])
    }
    add("target/model.embed_tokens.weight", "q6_k", 4000)
    for layer in 0..<layers { for kind in kinds { add("target/model.layers.\(layer).\(kind).weight", "q4_k", 1000) } }
    add("draft/layers.0.self_attn.q_proj.weight", "q8_0", 2000)
    let bytes = 100_000 + tensors.reduce(0) { $0 + ($1["bytes"]?.integer ?? 0) }
    return [
      "format_version": 1, "digest": .string(String(repeating: "0f", count: 32)), "bytes": .integer(bytes),
      "target": ["family": .string(name), "parameters": 6_738_415_616, "bytes": 8000, "config": ["hidden_size": 8, "num_hidden_layers": .integer(layers)]],
      "draft": ["kind": "griffin", "parameters": 1234, "bytes": 2000, "config": ["hidden_size": 8], "embedding": "identical"],
      "tokenizer": ["kind": "sentencepiece-bpe", "vocab_size": 500], "prompt_format": ["name": "llama-2-chat", "source": "named"],
      "recipe": "q4_k_m", "draft_recipe": "q8_0", "metadata": ["note": .string(name)],
      "provenance": [["component": "target", "file": .string(name), "bytes": 12, "sha256": .string(String(repeating: "cd", count: 32))]],
      "attachments": [["name": "target/config.json", "bytes": 600]], "tensors": .array(tensors), "warnings": [.string(name)],
    ]
  }

  static func verification(cases: Int = 3, layers: Int = 2, text: String = "a word", ok: Bool = true, verdict: String = "holds") -> JSONValue {
    let prompts: [JSONValue] = (0..<cases).map { index in
      [
        "name": .string("\(text) \(index)"), "prompt_ids": [1, 2, 3], "vanilla_ids": [4, 5, 6, 7], "speculative_ids": [4, 5, 6, 7],
        "identical": .bool(ok), "cycles": 2, "acceptance_length": 2.125, "accept_lengths": [1, 1], "differing_trees": nil, "mismatches": [],
        "text": .string(text), "pieces": .array([text, " ", "\n", "d"].map { .string($0) }),
      ]
    }
    return [
      "ok": .bool(ok), "digest": .string(String(repeating: "0f", count: 32)),
      "checks": [["name": "integrity", "ok": true, "detail": .string(text)], ["name": .string(text), "ok": .bool(ok), "detail": "4 of 4 prompts"]],
      "cases": .array(prompts),
      "summary": [
        "cases": .integer(cases), "identical": .integer(cases), "acceptance_length": 2.1875, "acceptance_length_case_mean": 2.25,
        "acceptance_by_position": [0.875, 0.53125, 0.0625], "misaligned_token_rate": [0.28125, 0.40625, 0.5, 0.59375, 0.65625], "speedup": 1.5,
      ],
      "fidelity": [
        "positions": 4096, "kl_mean": 0.00171875, "kl_p99": 0.0134375, "kl_max": 0.08125, "top1_agreement": 0.96875, "perplexity": 12.03125,
        "perplexity_source": 12.015625, "acceptance_length": 2.1875, "acceptance_length_source": 2.203125,
        "acceptance_by_position_source": [0.890625, 0.546875, 0.078125], "misaligned_token_rate_source": [0.265625, 0.390625, 0.484375, 0.578125, 0.640625],
        "acceptance_by_case_source": .array((0..<cases).map { _ in 2.0625 }),
        "kl_by_position": [
          ["from": 0, "to": 1, "positions": 8, "kl_mean": 0.000244140625, "top1_agreement": 1.0],
          ["from": 1, "to": 2, "positions": 8, "kl_mean": 0.0009765625, "top1_agreement": 0.984375],
        ],
        "judgements": [
          ["name": "kl_mean", "value": 0.00171875, "interval": [0.0015625, 0.001875], "limit": 0.15, "side": "at_most", "verdict": .string(verdict)],
          ["name": "acceptance_length", "value": 0.9921875, "interval": [0.90625, nil], "limit": 0.85, "side": "at_least", "verdict": "undecided"],
        ],
        "intervals": ["kl_mean": [0.0015625, 0.001875]], "verdict": .string(verdict), "same_trees": false,
      ],
      "sampling": nil, "diagnosis": [],
      "drafted_tree": [
        "case": .string(text), "cycle": 1, "position": 9, "tokens": [4, 5, 6, 7, 8], "parents": [-1, 0, 0, 1, 3],
        "probabilities": [1.0, 0.5, 0.25, 0.375, 0.03125], "accepted": [0, 1, 3], "next_token": 9,
        "pieces": .array([text, "b", " c\n", "d", ""].map { .string($0) }),
      ],
      "tensor_errors": .array(
        (0..<layers).flatMap { layer in
          kinds.map { kind in
            [
              "name": .string("target/model.layers.\(layer).\(kind).weight"), "type": "q4_k", "source_type": "f16", "rmse": 0.00146484375, "max": 0.0087890625,
              "cosine": 0.998046875, "relative": 0.0624694824,
            ]
          }
        }),
      "prompt_format": nil, "warnings": [.string(text)],
    ]
  }

  static let tuning: JSONValue = [
    "format": "griffin-tree", "version": 1, "digest": .string(String(repeating: "0f", count: 32)), "total_tokens": 24, "depth": 4, "top_k": 6,
    "measured_speedup": 1.375, "plain_token_seconds": 0.0078125, "pass_seconds": ["1": 0.0078125, "8": 0.01171875, "64": 0.04296875],
    "draft_pass_seconds": ["1": 0.001953125, "10": 0.00390625],
  ]
}
