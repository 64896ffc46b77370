import ByteStorage
import Checkpoints
import Tensors
import TestSupport
import Testing

/// Every rule of `formats/gguf.md`, broken once.
struct GGUFRuleTests {
  /// One file that breaks one rule, and what is found.
  struct Violation: Sendable, CustomTestStringConvertible {
    let name: String
    let kind: GriffinError.Kind
    /// A part of the message.
    let message: String
    let file: [UInt8]

    var testDescription: String { name }

    init(_ name: String, _ kind: GriffinError.Kind, _ message: String, _ change: (inout GGUFBuilder) -> Void) {
      var builder = GGUFBuilder.tiny()
      change(&builder)
      (self.name, self.kind, self.message, self.file) = (name, kind, message, builder.bytes)
    }

    init(_ name: String, _ message: String, _ change: (inout GGUFBuilder) -> Void) { self.init(name, .malformed, message, change) }

    init(draft name: String, _ kind: GriffinError.Kind, _ message: String, _ change: (inout GGUFBuilder) -> Void) {
      var builder = GGUFBuilder.eagle3()
      change(&builder)
      (self.name, self.kind, self.message, self.file) = ("draft: " + name, kind, message, builder.bytes)
    }

    init(_ name: String, _ message: String, bytes: [UInt8]) {
      (self.name, self.kind, self.message, self.file) = (name, .malformed, message, bytes)
    }
  }

  private static let large: UInt64 = 1 << 62

  static let container: [Violation] = [
    Violation("empty file", "empty file", bytes: []),
    Violation("no magic", "letters GGUF") { $0.magic = Array("GGML".utf8) },
    Violation("version 1", .unsupported, "version 1") { $0.version = 1 },
    Violation("version 4", .unsupported, "version 4") { $0.version = 4 },
    Violation("big-endian", .unsupported, "big-endian") { $0.version = UInt32(3).byteSwapped },
    Violation("header cut off", "end of the file", bytes: Array(GGUFBuilder.tiny().header.prefix(10))),
    Violation("negative tensor count", "number of tensors") { $0.tensorCount = .max },
    Violation("more tensors than bytes", "number of tensors") { $0.tensorCount = 1 << 40 },
    Violation("more pairs than bytes", "number of metadata pairs") { $0.pairCount = 1 << 40 },
    Violation("fewer pairs than there are", .unsupported, "") { $0.pairCount = 3 },
    Violation("more tensors than there are", "") { $0.tensorCount = 200 },
    Violation("key longer than the file", "length of a metadata key", bytes: header(pairs: 1) + littleEndian(large) + zeros),
    Violation("empty key", "key is empty") { $0.pairs.append(("", .bool(true))) },
    Violation("key that is not UTF-8", "not UTF-8", bytes: header(pairs: 1) + littleEndian(UInt64(2)) + [0xC3, 0x28] + zeros),
    Violation("same key twice", "there twice") { $0.pairs.append(("general.architecture", .string("llama"))) },
    Violation("value type 13", "value type 13") { $0["x"] = GGUFBuilder.Value(type: 13, bytes: []) },
    Violation("bool of value 2", "bool of value 2") { $0["x"] = GGUFBuilder.Value(type: 7, bytes: [2]) },
    Violation("string longer than the file", "length of x") { $0["x"] = GGUFBuilder.Value(type: 8, bytes: littleEndian(large)) },
    Violation("array longer than the file", "length of x") { $0["x"] = .array(of: 6, count: large, []) },
    Violation("array whose bytes overflow", "length of x") { $0["x"] = .array(of: 12, count: 1 << 61, []) },
    Violation("array of strings longer than the file", "length of x") { $0["x"] = .array(of: 8, count: 1 << 20, []) },
    Violation("array of an unknown type", "value type 99") { $0["x"] = .array(of: 99, count: 0, []) },
    Violation("arrays nested too deep", .unsafe, "nested deeper") { file in
      var value = GGUFBuilder.Value.array(of: 0, count: 0, [])
      for _ in 0..<5 { value = .array(of: 9, count: 1, value.bytes) }
      file["x"] = value
    },
    Violation("alignment 0", "power of two") { $0["general.alignment"] = .uint32(0) },
    Violation("alignment 24", "power of two") { $0["general.alignment"] = .uint32(24) },
    Violation("alignment beyond every limit", "power of two") { $0["general.alignment"] = .uint32(1 << 31) },
    Violation("alignment of another type", "expected a uint32") { $0["general.alignment"] = .int32(32) },
  ]

  static let tensors: [Violation] = [
    Violation("same name twice", "two tensors") { $0.tensors[1].name = $0.tensors[0].name },
    Violation("name of 64 bytes", .unsafe, "length of a tensor's name") { $0.tensors[0].name = String(repeating: "n", count: 64) },
    Violation("empty name", "name is empty") { $0.tensors[0].name = "" },
    Violation("name with a line feed", "control characters") { $0.tensors[0].name = "a\nb" },
    Violation("no dimension", "0 dimensions") { $0.tensors[1].dimensions = [] },
    Violation("five dimensions", "5 dimensions") { $0.tensors[1].dimensions = [32, 1, 1, 1, 1] },
    Violation("a dimension of 0", "dimensions is 0") { $0.tensors[1].dimensions = [0] },
    Violation("a negative dimension", "dimensions is -1") { $0.tensors[1].dimensions = [.max] },
    Violation("elements that overflow", "more elements than 64 bits") { $0.tensors[1].dimensions = [1 << 40, 1 << 40] },
    Violation("bytes that overflow", "more bytes than 64 bits") { $0.tensors[1].dimensions = [1 << 61, 1] },
    Violation("a type that is not known", .unsupported, "ggml type 99") { $0.tensors[1].type = 99 },
    Violation("a negative type", .unsupported, "not known") { $0.tensors[1].type = .max },
    Violation("a retired type", .unsupported, "was retired") { $0.tensors[1].type = 4 },
    Violation("rows that are no whole blocks", "whole number of q4_k blocks") { $0.tensors[1].type = 12 },
    Violation("an offset off the alignment", "multiple of the alignment") { $0.tensors[2].offsetError = 4 },
    Violation("an offset beyond the file", "leaves a hole") { $0.tensors[$0.tensors.count - 1].offsetError = 1 << 40 },
    Violation("a negative offset", "beyond the end") { $0.tensors[2].offsetError = Int64.min },
    Violation("tensors that overlap", "overlaps") { $0.tensors[2].offsetError = -32 },
    Violation("a hole", "hole") { file in
      for index in 3..<file.tensors.count { file.tensors[index].offsetError = 32 }
    },
    Violation("data cut off", "truncated", bytes: Array(GGUFBuilder.tiny().bytes.dropLast(64))),
    Violation("blocks of an older version", .unsupported, "quantization_version") { file in
      file["general.quantization_version"] = .uint32(1)
      let index = file.index(of: "output.weight")
      file.tensors[index].type = 8
      file.tensors[index].bytes = [UInt8](repeating: 0, count: GGUFBuilder.vocabulary * 34)
    },
  ]

  static let model: [Violation] = [
    Violation("no architecture", "general.architecture is missing") { $0["general.architecture"] = nil },
    Violation("another architecture", .unsupported, "known architectures") { $0["general.architecture"] = .string("mamba") },
    Violation("an adapter", .unsupported, "general.type is adapter") { $0["general.type"] = .string("adapter") },
    Violation("architecture that is no text", "expected a string") { $0["general.architecture"] = .uint32(1) },
    Violation("no layers", "expected 1 to") { $0["llama.block_count"] = .uint32(0) },
    Violation("a billion layers", "expected 1 to") { $0["llama.block_count"] = .uint32(1_000_000_000) },
    Violation("no layer count", "block_count is missing") { $0["llama.block_count"] = nil },
    Violation("no key heads", "expected 1 to") { $0["llama.attention.head_count_kv"] = .uint32(0) },
    Violation("heads that do not divide", .inconsistent, "multiple of") { $0["llama.attention.head_count_kv"] = .uint32(3) },
    Violation("hidden size that heads do not divide", .inconsistent, "key_length") { $0["llama.attention.head_count"] = .uint32(6) },
    Violation("layers of different widths", .unsupported, "differs from layer to layer") {
      $0["llama.feed_forward_length"] = .integers([64, 32])
    },
    Violation("a partial rotation", .unsupported, "only whole heads") { $0["llama.rope.dimension_count"] = .uint32(4) },
    Violation("values unlike keys", .unsupported, "value_length") { $0["llama.attention.value_length"] = .uint32(16) },
    Violation("more experts used than there are", "expected 1 to 4") {
      $0["llama.expert_count"] = .uint32(4)
      $0["llama.expert_used_count"] = .uint32(5)
    },
    Violation("too many experts", "expected 0 to 1024") { $0["llama.expert_count"] = .uint32(1 << 30) },
    Violation("no epsilon", "epsilon is missing") { $0["llama.attention.layer_norm_rms_epsilon"] = nil },
    Violation("an epsilon that is no number", "finite") { $0["llama.attention.layer_norm_rms_epsilon"] = .float32(.nan) },
    Violation("a YaRN factor that is not known", .unsupported, "positions would be wrong") {
      $0["llama.rope.scaling.type"] = .string("yarn")
      $0["llama.rope.scaling.attn_factor"] = .float32(1.5)
    },
    Violation("a tensor that is not known", .unsupported, "no such tensor") { $0.addFloats("blk.0.extra.weight", [4]) },
    Violation("a layer too many", .unsupported, "no such tensor") { $0.addFloats("blk.2.attn_norm.weight", [32]) },
    Violation("no embedding", .inconsistent, "embedding is missing") { $0.tensors.removeFirst() },
    Violation("query rows unlike heads", .inconsistent, "4 heads of 8") { file in
      file.tensors[file.index(of: "blk.0.attn_q.weight")].dimensions = [64, 16]
    },
    Violation("merged experts without a count", .inconsistent, "0 experts") { $0.addFloats("blk.0.ffn_up_exps.weight", [4, 4, 4]) },
    Violation("rotary factors unlike heads", .inconsistent, "the 4 factors") { $0.addFloats("rope_freqs.weight", [5]) },
    Violation("rotary factors of 0", .inconsistent, "not a positive number") { file in
      file.addFloats("rope_freqs.weight", [4])
      file.tensors[file.tensors.count - 1].bytes = [UInt8](repeating: 0, count: 16)
    },
  ]

  static let draft: [Violation] = [
    Violation(draft: "no layers of the target", .malformed, "target_layers is missing") { $0["eagle3.target_layers"] = nil },
    Violation(draft: "ids that are no list", .inconsistent, "a list of ids as i64, found f32") { file in
      file.tensors.remove(at: file.index(of: "d2t"))
      file.addFloats("d2t", [8])
    },
    Violation(draft: "a second layer", .unsupported, "no such tensor") { $0.addFloats("blk.1.attn_norm.weight", [32]) },
    Violation(draft: "a bias that no draft has", .unsupported, "no such tensor") { $0.addFloats("fc.bias", [32]) },
    Violation(draft: "no tokens and no embedding", .inconsistent, "which says how many the target has") { $0["tokenizer.ggml.tokens"] = nil },
    Violation(draft: "layers that are text", .malformed, "array") { $0["eagle3.target_layers"] = .string("2, 4, 5") },
  ]

  static let tokenizer: [Violation] = [
    Violation("fewer tokens than rows", .inconsistent, "has 2 tokens") { $0["tokenizer.ggml.tokens"] = .strings(["a", "b"]) },
    Violation("tokens that are numbers", "array of string") { $0["tokenizer.ggml.tokens"] = .integers([1, 2]) },
    Violation("a score too few", "has 11 elements") { $0["tokenizer.ggml.scores"] = .floats([Float](repeating: 0, count: 11)) },
    Violation("scores of another type", "array of float32") { $0["tokenizer.ggml.scores"] = .integers([Int32](repeating: 0, count: 12)) },
    Violation("no scores", "has 0 elements") { $0["tokenizer.ggml.scores"] = nil },
    Violation("a kind too few", "has 1 elements") { $0["tokenizer.ggml.token_type"] = .integers([1]) },
    Violation("a kind that is not known", "is 7") { $0["tokenizer.ggml.token_type"] = .integers([Int32](repeating: 7, count: 12)) },
    Violation("an end token beyond the vocabulary", "has 12 tokens") { $0["tokenizer.ggml.eos_token_id"] = .uint32(12) },
    Violation("a begin token that is text", "an integer") { $0["tokenizer.ggml.bos_token_id"] = .string("<s>") },
    Violation("byte-level BPE without merges", "merges is missing") { $0["tokenizer.ggml.model"] = .string("gpt2") },
  ]

  @Test(arguments: container + tensors + model + draft + tokenizer) func refuses(_ violation: Violation) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(violation.file, to: "model.gguf")
    let error = #expect(throws: GriffinError.self) { try Checkpoint.open(path: path) }
    #expect(error?.kind == violation.kind, "\(error?.description ?? "")")
    #expect(error?.message.contains(violation.message) == true || violation.message.isEmpty, "\(error?.description ?? "")")
    #expect(error?.file == path)
  }

  /// What the violations of drafts are made from is a draft: ids of the target less their places.
  @Test func readsADraft() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try Checkpoint.open(path: folder.write(GGUFBuilder.eagle3().bytes, to: "draft.gguf"))
    let names = checkpoint.source.tensors.map(\.name)
    #expect(names.contains("midlayer.hidden_norm.weight") && names.contains("fc.weight") && !names.contains("embed_tokens.weight"))
    let ids = try #require(names.firstIndex(of: "d2t"))
    let offsets = try checkpoint.source.withBytes(of: ids) { bytes in (0..<8).map { bytes.littleEndian(Int64.self, at: 8 * $0) } }
    #expect(offsets == [0, 0, 1, 1, 2, 2, 3, 4])
    #expect(checkpoint.config["draft_vocab_size"] == 8 && checkpoint.config["vocab_size"] == 12)
    #expect(checkpoint.config["eagle_aux_hidden_state_layer_ids"] == [2, 4, 5] && checkpoint.config["tie_word_embeddings"] == false)
  }

  /// A file cut anywhere in its header is refused, and never read beyond its end.
  @Test func everyCutIsFound() throws {
    let folder = try TemporaryFolder()
    let file = GGUFBuilder.tiny()
    let (header, bytes) = (file.header.count, file.bytes)
    for count in stride(from: 0, to: header, by: 13) {
      let path = try folder.write(Array(bytes.prefix(count)), to: "cut.gguf")
      #expect(throws: GriffinError.self, "\(count) bytes") { try Checkpoint.open(path: path) }
    }
  }

  /// The start of a file with so many pairs and no tensors.
  private static func header(pairs: UInt64) -> [UInt8] {
    Array("GGUF".utf8) + littleEndian(UInt32(3)) + littleEndian(UInt64(0)) + littleEndian(pairs)
  }

  private static let zeros = [UInt8](repeating: 0, count: 64)
}
