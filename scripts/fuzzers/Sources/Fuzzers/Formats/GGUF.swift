import ByteStorage
import Checkpoints
import Models
import TestSupport
import Tokenization

extension Fuzzer {
  static let gguf = Fuzzer(
    name: "gguf", description: "one .gguf file: metadata, tensors under canonical names, its configuration and tokenizer",
    maximumBytes: 16384,
    read: { input in
      let checkpoint = try Checkpoint.open(path: WorkFolder.write(input, to: "model.gguf"))
      try checkpoint.source.walk()
      _ = checkpoint.warnings
      _ = checkpoint.config.encoded(pretty: true)
      let document = try ConfigDocument(checkpoint.config, file: checkpoint.configPath)
      // Whether it is a model that is known is another reader's answer; the tokenizer is looked at all the same.
      _ = try? TargetModel.recognise(checkpoint.source, config: document).parameterCount
      let files = Dictionary(checkpoint.attachments.map { ($0.name, $0.file) }) { first, _ in first }
      let loaded = try Tokenizer.load { name throws(GriffinError) in files[name].map { $0.bytes.copied } }
      loaded?.tokenizer.exercise()
    },
    seeds: {
      [
        Seed("llama", model("llama").bytes), Seed("qwen2", model("qwen2", biases: true, bytes: true).bytes),
        Seed("qwen3", model("qwen3", bytes: true, headNorms: true).bytes), Seed("mixtral", model("llama", experts: 2).bytes),
        Seed("quantized", quantized.bytes), Seed("unaligned", unaligned.bytes),
      ]
    })

  /// A model of one layer whose tensors are smaller than any real one's.
  private static func model(
    _ architecture: String, biases: Bool = false, experts: Int? = nil, bytes: Bool = false, headNorms: Bool = false,
    type: UInt32 = 0, width: Int = 4
  ) -> GGUFBuilder {
    var file = GGUFBuilder()
    file["general.architecture"] = .string(architecture)
    let sizes = [
      ("block_count", 1), ("context_length", 64), ("embedding_length", width), ("feed_forward_length", width),
      ("attention.head_count", 2), ("attention.head_count_kv", 1),
    ]
    for (name, size) in sizes { file["\(architecture).\(name)"] = .uint32(UInt32(size)) }
    file["\(architecture).attention.layer_norm_rms_epsilon"] = .float32(1e-5)
    file["\(architecture).rope.freq_base"] = .float32(10000)
    if let experts {
      file["\(architecture).expert_count"] = .uint32(UInt32(experts))
      file["\(architecture).expert_used_count"] = .uint32(1)
    }
    file.addVocabulary(ofBytes: bytes)
    let vocabulary = file.vocabularyCount
    func add(_ name: String, _ dimensions: [Int], isMatrix: Bool = true) {
      file.tensors.append(tensor(name, dimensions, type: isMatrix ? type : 0))
    }
    add("token_embd.weight", [width, vocabulary])
    for name in ["attn_norm", "ffn_norm"] { add("blk.0.\(name).weight", [width], isMatrix: false) }
    for (name, rows) in [("q", width), ("k", width / 2), ("v", width / 2)] {
      add("blk.0.attn_\(name).weight", [width, rows])
      if biases { add("blk.0.attn_\(name).bias", [rows], isMatrix: false) }
    }
    if headNorms {
      for name in ["q", "k"] { add("blk.0.attn_\(name)_norm.weight", [width / 2], isMatrix: false) }
    }
    add("blk.0.attn_output.weight", [width, width])
    if let experts {
      add("blk.0.ffn_gate_inp.weight", [width, experts])
      for name in ["gate", "up", "down"] { add("blk.0.ffn_\(name)_exps.weight", [width, width, experts]) }
    } else {
      for name in ["gate", "up", "down"] { add("blk.0.ffn_\(name).weight", [width, width]) }
    }
    add("output_norm.weight", [width], isMatrix: false)
    return file
  }

  private static func tensor(_ name: String, _ dimensions: [Int], type: UInt32) -> GGUFBuilder.Tensor {
    let elements = dimensions.reduce(1, *)
    // Q8_0 has 34 bytes for 32 elements.
    let count = type == 8 ? elements / 32 * 34 : elements * 4
    return GGUFBuilder.Tensor(name, type: type, dimensions.map { UInt64($0) }, bytes: [UInt8](repeating: 0, count: count))
  }

  private static var quantized: GGUFBuilder {
    var file = model("llama", type: 8, width: 32)
    file["general.quantization_version"] = .uint32(2)
    file["general.file_type"] = .uint32(7)
    return file
  }

  private static var unaligned: GGUFBuilder {
    var file = model("llama")
    file.alignment = 8
    file["general.alignment"] = .uint32(8)
    file["llama.rope.scaling.type"] = .string("linear")
    file["llama.rope.scaling.factor"] = .float32(2)
    file["tokenizer.chat_template"] = .string("{{ messages[0]['content'] }}")
    file.tensors.append(GGUFBuilder.Tensor("rope_freqs.weight", type: 0, [1], bytes: littleEndian(Float(1).bitPattern)))
    return file
  }
}

extension GGUFBuilder {
  /// How many pieces `tokenizer.ggml.tokens` has.
  fileprivate var vocabularyCount: Int {
    self["tokenizer.ggml.tokens"].map { $0.bytes[4..<12].reversed().reduce(0) { $0 << 8 | Int($1) } } ?? 0
  }

  fileprivate mutating func addVocabulary(ofBytes: Bool) {
    if ofBytes {
      self["tokenizer.ggml.model"] = .string("gpt2")
      self["tokenizer.ggml.pre"] = .string("qwen2")
      let words = byteCharacters + ["ab", "<|end|>"]
      self["tokenizer.ggml.tokens"] = .strings(words)
      self["tokenizer.ggml.token_type"] = .integers(words.map { $0 == "<|end|>" ? 3 : 1 })
      self["tokenizer.ggml.merges"] = .strings(["a b"])
      self["tokenizer.ggml.eos_token_id"] = .uint32(257)
      self["tokenizer.ggml.bos_token_id"] = .uint32(257)
      self["tokenizer.ggml.add_bos_token"] = .bool(true)
    } else {
      let words = ["<unk>", "<s>", "</s>", "a", "b", "▁", "ab", "▁a"]
      self["tokenizer.ggml.model"] = .string("llama")
      self["tokenizer.ggml.tokens"] = .strings(words)
      self["tokenizer.ggml.scores"] = .floats(words.indices.map { -Float($0) })
      self["tokenizer.ggml.token_type"] = .integers([2, 3, 3, 1, 1, 1, 1, 1])
      self["tokenizer.ggml.bos_token_id"] = .uint32(1)
      self["tokenizer.ggml.eos_token_id"] = .uint32(2)
      self["tokenizer.ggml.unknown_token_id"] = .uint32(0)
    }
  }
}
