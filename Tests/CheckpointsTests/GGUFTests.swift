import ByteStorage
import Checkpoints
import Tensors
import TestSupport
import Testing

/// What a GGUF model becomes: names, shapes, order of rows, experts and configuration.
struct GGUFTests {
  static func open(_ file: GGUFBuilder, in folder: TemporaryFolder) throws -> Checkpoint {
    try Checkpoint.open(path: folder.write(file.bytes, to: "model.gguf"))
  }

  private static func floats(_ checkpoint: Checkpoint, _ name: String, pieces: Int = 7) throws -> [Float] {
    let index = try #require(checkpoint.source.tensors.firstIndex { $0.name == name }, "\(name)")
    let lent = try checkpoint.source.withBytes(of: index) { $0.copied }
    // Pieces that fit neither rows nor elements.
    var read: [UInt8] = []
    while read.count < lent.count {
      var piece = ByteBuffer(byteCount: min(pieces, lent.count - read.count))
      var span = piece.mutableBytes
      try checkpoint.source.read(index, at: read.count, into: &span)
      read += piece.bytes.copied
    }
    #expect(read == lent)
    return stride(from: 0, to: lent.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(lent[start + $1]) << (8 * $1) })
    }
  }

  @Test(arguments: [UInt32(2), 3]) func namesAndShapesAreHuggingFaces(version: UInt32) throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny()
    file.version = version
    let checkpoint = try GGUFTests.open(file, in: folder)
    let shapes = Dictionary(uniqueKeysWithValues: checkpoint.source.tensors.map { ($0.name, $0.shape.dimensions) })
    #expect(shapes.count == 3 + 2 * 9)
    #expect(shapes["model.embed_tokens.weight"] == [12, 32] && shapes["lm_head.weight"] == [12, 32])
    #expect(shapes["model.norm.weight"] == [32])
    for layer in 0..<2 {
      let expected = [
        "input_layernorm": [32], "self_attn.q_proj": [32, 32], "self_attn.k_proj": [16, 32], "self_attn.v_proj": [16, 32],
        "self_attn.o_proj": [32, 32], "post_attention_layernorm": [32], "mlp.gate_proj": [64, 32], "mlp.up_proj": [64, 32],
        "mlp.down_proj": [32, 64],
      ]
      for (name, shape) in expected { #expect(shapes["model.layers.\(layer).\(name).weight"] == shape, "\(name)") }
    }
    #expect(checkpoint.weightFiles.map(\.name) == ["model.gguf"])
  }

  @Test(arguments: [1, 8, 32, 4096]) func alignmentIsTheFiles(alignment: Int) throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny()
    file.alignment = alignment
    file["general.alignment"] = .uint32(UInt32(alignment))
    let checkpoint = try GGUFTests.open(file, in: folder)
    let norm = try GGUFTests.floats(checkpoint, "model.norm.weight")
    let start = Float(file.tensors[..<file.index(of: "output_norm.weight")].reduce(0) { $0 + $1.bytes.count / 4 })
    #expect(norm == (0..<32).map { start + Float($0) })
  }

  /// To llama.cpp a scale that is absent or 0 is none, and attention's then 1 / sqrt(head_dim).
  @Test func scalesAreMultipliers() throws {
    func numbers(_ scales: [String: Float]) throws -> [Double?] {
      var file = GGUFBuilder.tiny("granite")
      for (name, value) in scales { file["granite.\(name)"] = .float32(value) }
      let config = try GGUFTests.open(file, in: TemporaryFolder()).config
      let keys = ["embedding_multiplier", "attention_multiplier", "residual_multiplier", "logits_scaling"]
      return keys.map { config.object?[$0]?.double }
    }
    let scales: [String: Float] = ["embedding_scale": 12, "attention.scale": 0.0078125, "residual_scale": 0.22, "logit_scale": 16]
    #expect(try numbers(scales) == [12, 0.0078125, 0.22, 16])
    #expect(try numbers(["logit_scale": 8]) == [1, 1 / 8.0.squareRoot(), 1, 8])
    #expect(try numbers(["logit_scale": 8, "attention.scale": 0, "residual_scale": 0]) == [1, 1 / 8.0.squareRoot(), 1, 8])
  }

  /// llama.cpp's converter splits each head in two halves and lays their rows in turn: `reshape(heads, 2, d / 2, …)`,
  /// then the middle axes exchanged. Written down here in its direction, not in ours.
  @Test(arguments: ["weight", "bias"]) func llamaRowsComeBackInOrder(part: String) throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny()
    let (heads, keyHeads, half, columns) = (4, 2, 4, part == "bias" ? 1 : 32)
    for (name, heads) in [("attn_q", heads), ("attn_k", keyHeads)] {
      var rows: [Int] = []
      for head in 0..<heads {
        for index in 0..<half {
          for side in 0..<2 { rows.append(head * 2 * half + side * half + index) }
        }
      }
      let bytes = rows.flatMap { row in (0..<columns).flatMap { littleEndian(Float(row * 100 + $0).bitPattern) } }
      let dimensions = part == "bias" ? [UInt64(rows.count)] : [32, UInt64(rows.count)]
      file.tensors.removeAll { $0.name == "blk.1.\(name).\(part)" }
      file.tensors.append(GGUFBuilder.Tensor("blk.1.\(name).\(part)", type: 0, dimensions, bytes: bytes))
    }
    let checkpoint = try GGUFTests.open(file, in: folder)
    for (name, heads) in [("q_proj", heads), ("k_proj", keyHeads)] {
      let found = try GGUFTests.floats(checkpoint, "model.layers.1.self_attn.\(name).\(part)")
      #expect(found == (0..<heads * 2 * half).flatMap { row in (0..<columns).map { Float(row * 100 + $0) } })
    }
  }

  @Test(arguments: ["qwen2", "qwen3"]) func qwenRowsStayAsTheyAre(architecture: String) throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny(architecture)
    file.addFloats("blk.0.attn_q.bias", [32])
    if architecture == "qwen3" { file.addFloats("blk.0.attn_q_norm.weight", [8]) }
    let checkpoint = try GGUFTests.open(file, in: folder)
    let start = Float(file.tensors[..<file.index(of: "blk.0.attn_q.weight")].reduce(0) { $0 + $1.bytes.count / 4 })
    #expect(try GGUFTests.floats(checkpoint, "model.layers.0.self_attn.q_proj.weight") == (0..<1024).map { start + Float($0) })
    #expect(checkpoint.source.tensors.contains { $0.name == "model.layers.0.self_attn.q_proj.bias" })
    #expect(checkpoint.source.tensors.contains { $0.name == "model.layers.0.self_attn.q_norm.weight" } == (architecture == "qwen3"))
    #expect(checkpoint.config["model_type"]?.string == architecture)
  }

  /// Blocks move with their rows, whole.
  @Test func blocksStayAsTheyAre() throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny()
    var numbers = SeededNumbers(seed: 3)
    let bytes = numbers.bytes(32 * 18)
    let index = file.index(of: "blk.0.attn_q.weight")
    (file.tensors[index].type, file.tensors[index].bytes) = (2, bytes)
    let checkpoint = try GGUFTests.open(file, in: folder)
    let place = try #require(checkpoint.source.tensors.firstIndex { $0.name.hasSuffix("layers.0.self_attn.q_proj.weight") })
    let found = try checkpoint.source.withBytes(of: place) { $0.copied }
    #expect(checkpoint.source.tensors[place].type == .q4_0)
    // The second row of a head is the third in the file, the fifth its second.
    for (row, source) in [(0, 0), (1, 2), (4, 1), (5, 3), (7, 7), (9, 10)] {
      #expect(found[row * 18..<(row + 1) * 18] == bytes[source * 18..<(source + 1) * 18])
    }
  }

  @Test(arguments: [true, false]) func expertsAreTensorsOfTheirOwn(merged: Bool) throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny(layers: 1)
    file["llama.expert_count"] = .uint32(4)
    file["llama.expert_used_count"] = .uint32(2)
    file.tensors.removeAll { $0.name.hasPrefix("blk.0.ffn_") && $0.name != "blk.0.ffn_norm.weight" }
    file.addFloats("blk.0.ffn_gate_inp.weight", [32, 4])
    let start = Float(file.tensors.reduce(0) { $0 + $1.bytes.count / 4 })
    for name in ["gate", "down", "up"] {
      let sizes = name == "down" ? [64, 32] : [32, 64]
      if merged {
        file.addFloats("blk.0.ffn_\(name)_exps.weight", sizes + [4])
      } else {
        for expert in 0..<4 { file.addFloats("blk.0.ffn_\(name).\(expert).weight", sizes) }
      }
    }
    let checkpoint = try GGUFTests.open(file, in: folder)
    #expect(checkpoint.config["model_type"]?.string == "mixtral" && checkpoint.config["num_experts_per_tok"]?.integer == 2)
    for (place, part) in ["w1", "w2", "w3"].enumerated() {
      for expert in 0..<4 {
        let name = "model.layers.0.block_sparse_moe.experts.\(expert).\(part).weight"
        let first = start + Float((place * 4 + expert) * 2048)
        #expect(try GGUFTests.floats(checkpoint, name, pieces: 1001) == (0..<2048).map { first + Float($0) })
        let tensor = try #require(checkpoint.source.tensors.first { $0.name == name })
        #expect(tensor.shape.dimensions == (part == "w2" ? [32, 64] : [64, 32]))
      }
    }
  }

  @Test func bothFormsOfAnExpertAreOneTooMany() throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny(layers: 1)
    file["llama.expert_count"] = .uint32(2)
    file["llama.expert_used_count"] = .uint32(1)
    file.addFloats("blk.0.ffn_up_exps.weight", [32, 64, 2])
    file.addFloats("blk.0.ffn_up.1.weight", [32, 64])
    let error = #expect(throws: GriffinError.self) { try GGUFTests.open(file, in: folder) }
    #expect(error?.kind == .inconsistent && error?.tensor == "blk.0.ffn_up.1.weight")
  }

  @Test func configurationIsTheMetadatas() throws {
    let folder = try TemporaryFolder()
    let config = try GGUFTests.open(.tiny(), in: folder).config
    let expected: [String: JSONValue] = [
      "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 32, "intermediate_size": 64,
      "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 12,
      "max_position_embeddings": 256, "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "rope_scaling": nil,
      "tie_word_embeddings": false, "bos_token_id": 1, "eos_token_id": 2, "sliding_window": nil, "hidden_act": "silu",
    ]
    #expect(Set(try #require(config.object).keys) == Set(expected.keys))
    for (key, value) in expected { #expect(config[key] == value, "\(key)") }
  }

  /// A change of the metadata and the member that it makes.
  struct Mapping: Sendable {
    let key: String
    let value: GGUFBuilder.Value
    let member: String
    let expected: JSONValue

    init(_ key: String, _ value: GGUFBuilder.Value, _ member: String, _ expected: JSONValue) {
      (self.key, self.value, self.member, self.expected) = (key, value, member, expected)
    }
  }

  static let mappings = [
    Mapping("llama.rope.freq_base", .float32(500000), "rope_theta", .number(500000)),
    Mapping("llama.rope.freq_base", .float64(1234.5), "rope_theta", .number(1234.5)),
    Mapping("llama.attention.layer_norm_rms_epsilon", .float32(1e-6), "rms_norm_eps", .number(1e-6)),
    Mapping("llama.rope.scaling.factor", .float32(4), "rope_scaling", ["rope_type": "linear", "factor": 4.0]),
    Mapping("llama.rope.scale_linear", .float32(2), "rope_scaling", ["rope_type": "linear", "factor": 2.0]),
    Mapping("llama.rope.scaling.type", .string("none"), "rope_scaling", .null),
    Mapping("llama.attention.sliding_window", .uint32(4096), "sliding_window", 4096),
    Mapping("llama.attention.sliding_window", .uint32(4096), "model_type", "mistral"),
    Mapping("llama.context_length", .uint64(131_072), "max_position_embeddings", 131_072),
    Mapping("llama.feed_forward_length", .integers([64, 64]), "intermediate_size", 64),
    Mapping("llama.attention.head_count", .uint8(4), "num_attention_heads", 4),
    Mapping("tokenizer.ggml.bos_token_id", .uint32(.max), "bos_token_id", .null),
  ]

  @Test(arguments: mappings) func metadataBecomesMembers(_ mapping: Mapping) throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny()
    file[mapping.key] = mapping.value
    #expect(try GGUFTests.open(file, in: folder).config[mapping.member] == mapping.expected)
  }

  @Test func yarnBecomesARopeScaling() throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny("qwen2")
    file["qwen2.rope.scaling.type"] = .string("yarn")
    file["qwen2.rope.scaling.factor"] = .float32(4)
    file["qwen2.rope.scaling.original_context_length"] = .uint32(64)
    file["qwen2.rope.scaling.yarn_beta_fast"] = .float32(16)
    let expected: JSONValue = [
      "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64, "beta_fast": 16.0,
    ]
    #expect(try GGUFTests.open(file, in: folder).config["rope_scaling"] == expected)
  }

  @Test func rotaryFactorsAreAMemberOfTheirOwn() throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny()
    let factors: [Float] = [1, 1.8988432, 8, 0.1]
    file.tensors.insert(
      GGUFBuilder.Tensor("rope_freqs.weight", type: 0, [4], bytes: factors.flatMap { littleEndian($0.bitPattern) }), at: 0)
    let checkpoint = try GGUFTests.open(file, in: folder)
    #expect(checkpoint.config["rope_freq_factors"] == [1.0, 1.8988432, 8.0, 0.1])
    #expect(!checkpoint.source.tensors.contains { $0.name.contains("rope") })
  }

  @Test func aMissingHeadMeansATiedOne() throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny()
    file.tensors.removeLast()
    let checkpoint = try GGUFTests.open(file, in: folder)
    #expect(checkpoint.config["tie_word_embeddings"] == true)
    #expect(!checkpoint.source.tensors.contains { $0.name == "lm_head.weight" })
  }

  @Test func severalEndTokensAreAGenerationConfig() throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny()
    file["tokenizer.ggml.eot_token_id"] = .uint32(11)
    let checkpoint = try GGUFTests.open(file, in: folder)
    #expect(checkpoint.generationConfig == ["eos_token_id": [2, 11], "bos_token_id": 1])
    #expect(checkpoint.attachments.map(\.name) == ["config.json", "generation_config.json", "tokenizer.model", "tokenizer_config.json"])
  }

  @Test func theSameFileGivesTheSameAttachments() throws {
    let folder = try TemporaryFolder()
    let first = try GGUFTests.open(.tiny(), in: folder).attachments
    let second = try GGUFTests.open(.tiny(), in: folder).attachments
    #expect(first.map(\.name) == second.map(\.name))
    for (one, other) in zip(first, second) {
      let (one, other) = (one.file, other.file)
      #expect(one.byteCount > 0 && one.bytes.copied == other.bytes.copied)
    }
  }

  @Test func metadataNobodyAsksForMayBeOfAnyKind() throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny()
    for (type, bytes) in [(0, 1), (1, 1), (2, 2), (3, 2), (4, 4), (5, 4), (6, 4), (7, 1), (10, 8), (11, 8), (12, 8)] {
      file["x.scalar\(type)"] = GGUFBuilder.Value(type: UInt32(type), bytes: [UInt8](repeating: 1, count: bytes))
      file["x.array\(type)"] = .array(of: UInt32(type), count: 3, [UInt8](repeating: 1, count: 3 * bytes))
    }
    file["x.nested"] = .array(of: 9, count: 2, [GGUFBuilder.Value.strings(["a"]), .integers([])].flatMap(\.bytes))
    file["x.text"] = GGUFBuilder.Value(type: 8, bytes: littleEndian(UInt64(2)) + [0xC3, 0x28])
    #expect(try GGUFTests.open(file, in: folder).source.tensors.count == 21)
  }

  @Test func nothingFollowsTheLastTensorButItsPadding() throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny()
    file.addFloats("rope_freqs.weight", [4])
    let path = try folder.write(file.bytes, to: "model.gguf")
    #expect(try Checkpoint.open(path: path).source.tensors.count == 21)
    // The 16 bytes of padding may be left out.
    try folder.write(Array(file.bytes.dropLast(16)), to: "model.gguf")
    #expect(try Checkpoint.open(path: path).source.tensors.count == 21)
    try folder.write(file.bytes + [0], to: "model.gguf")
    let error = #expect(throws: GriffinError.self) { try Checkpoint.open(path: path) }
    #expect(error?.kind == .malformed && error?.offset == file.bytes.count)
  }

  @Test func aFolderOfGGUFFilesPointsToThem() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(GGUFBuilder.tiny().bytes, to: "model.gguf")
    let error = #expect(throws: GriffinError.self) { try Checkpoint.open(path: folder.path) }
    #expect(error?.kind == .missing && error?.hints.contains { $0.hasSuffix(path) } == true)
  }
}
