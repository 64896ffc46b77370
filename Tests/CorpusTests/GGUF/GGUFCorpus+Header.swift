import ByteStorage
import TestSupport

/// The start of the file and its metadata (G1 to G6).
extension GGUFCorpus {
  private static let magic = "G1 | magic", version = "G2 | version", counts = "G3 | counts", keys = "G4 | keys", values = "G5 | values"
  private static let large: UInt64 = 1 << 62
  private static let zeros = [UInt8](repeating: 0, count: 64)

  /// The start of a file with so many pairs and no tensors.
  private static func start(pairs: UInt64) -> [UInt8] {
    Array("GGUF".utf8) + littleEndian(UInt32(3)) + littleEndian(UInt64(0)) + littleEndian(pairs)
  }

  static let head: [HostileCase] = [
    refuseFile("empty-file", "an empty file", page: "checkpoint-folders.md", .malformed, "empty file") { [] },
    refuseFile("three-bytes", magic, .malformed, "letters GGUF") { Array("GGU".utf8) },
    refuse("other-magic", magic, .malformed, "letters GGUF") { $0.magic = Array("GGML".utf8) },
    refuse("reversed-magic", magic, .malformed, "letters GGUF") { $0.magic = Array("FUGG".utf8) },
    refuseFile("is-a-git-lfs-pointer", "A Git LFS pointer", page: "checkpoint-folders.md", .malformed, "LFS") {
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n".utf8)
    },
    refuseFile("is-a-web-page", "an HTML page", page: "checkpoint-folders.md", .malformed, "HTML") { Array("<html></html>".utf8) },
    refuseFile("is-a-safetensors-file", "a checkpoint of another format", page: "checkpoint-folders.md", .malformed, "safetensors") {
      SafetensorsBuilder().bytes
    },
    refuse("version-zero", version, .unsupported, "version 0") { $0.version = 0 },
    refuse("version-one", version, .unsupported, "version 1") { $0.version = 1 },
    refuse("version-four", version, .unsupported, "version 4") { $0.version = 4 },
    refuse("version-all-bits", version, .unsupported, "version 4294967295") { $0.version = .max },
    refuse("big-endian", version, .unsupported, "big-endian") { $0.version = UInt32(3).byteSwapped },
    refuseFile("cut-in-version", version, .malformed, "end of the file") { Array(GGUFBuilder.tiny().bytes.prefix(6)) },
    refuseFile("cut-in-counts", counts, .malformed, "number of tensors is 21", "byte 8") { Array(GGUFBuilder.tiny().bytes.prefix(20)) },
    refuseFile("cut-in-pairs", counts, .malformed, "model.gguf") { Array(GGUFBuilder.tiny().bytes.prefix(200)) },
    refuseFile("cut-before-the-data", "end within the file", .malformed, "truncated") { GGUFBuilder.tiny().header },
    refuse("tensor-count-all-bits", counts, .malformed, "number of tensors is 18446744073709551615") { $0.tensorCount = .max },
    refuse("tensor-count-negative", counts, .malformed, "number of tensors") { $0.tensorCount = 1 << 63 },
    refuse("tensor-count-beyond-the-bytes", counts, .malformed, "number of tensors") { $0.tensorCount = 1 << 40 },
    refuse("tensor-count-beyond-the-limit", "tensors at most 100,000", .unsafe, "at most 100000") { file in
      file.tensorCount = 100_001
      file["x"] = .string(String(repeating: "x", count: 6_000_000))
    },
    refuse("tensor-count-one-more", counts, .malformed, "model.gguf") { $0.tensorCount = UInt64($0.tensors.count + 1) },
    refuse("tensor-count-one-less", "nothing follows the last", .malformed, "after the last tensor") { $0.tensorCount = UInt64($0.tensors.count - 1) },
    refuse("pair-count-all-bits", counts, .malformed, "number of metadata pairs is 18446744073709551615") { $0.pairCount = .max },
    refuse("pair-count-beyond-the-bytes", counts, .malformed, "number of metadata pairs") { $0.pairCount = 1 << 40 },
    refuse("pair-count-beyond-the-limit", "pairs at most 100,000", .unsafe, "at most 100000") { file in
      file.pairCount = 100_001
      file["x"] = .string(String(repeating: "x", count: 2_000_000))
    },
    refuse("pair-count-one-more", counts, .malformed, "model.gguf") { $0.pairCount = UInt64($0.pairs.count + 1) },
    refuse("pair-count-one-less", counts, .unsupported, "model.gguf") { $0.pairCount = UInt64($0.pairs.count - 1) },
  ]

  private static func value(
    _ name: String, _ kind: GriffinError.Kind, _ mention: String, _ value: @escaping @Sendable () -> GGUFBuilder.Value
  ) -> HostileCase {
    refuse("value-\(name)", values, kind, mention) { $0["x"] = value() }
  }

  static let pairs: [HostileCase] = [
    refuseFile("key-longer-than-the-file", counts, .malformed, "length of a metadata key") { start(pairs: 1) + littleEndian(large) + zeros },
    refuseFile("key-length-all-bits", counts, .malformed, "length of a metadata key") { start(pairs: 1) + littleEndian(UInt64.max) + zeros },
    refuse("key-of-65536-bytes", keys, .unsafe, "at most 65535") { $0[String(repeating: "k", count: 65536)] = .bool(true) },
    refuse("key-empty", keys, .malformed, "key is empty") { $0.pairs.append(("", .bool(true))) },
    refuseFile("key-not-utf8", keys, .malformed, "not UTF-8") { start(pairs: 1) + littleEndian(UInt64(2)) + [0xC3, 0x28] + zeros },
    refuse("key-twice", keys, .malformed, "general.architecture is there twice") {
      $0.pairs.append(("general.architecture", .string("llama")))
    },
    value("type-thirteen", .malformed, "value type 13") { .init(type: 13, bytes: []) },
    value("type-all-bits", .malformed, "value type 4294967295") { .init(type: .max, bytes: []) },
    value("bool-of-two", .malformed, "bool of value 2") { .init(type: 7, bytes: [2]) },
    value("string-longer-than-the-file", .malformed, "length of x") { .init(type: 8, bytes: littleEndian(large)) },
    value("string-length-negative", .malformed, "length of x") { .init(type: 8, bytes: littleEndian(UInt64(1) << 63)) },
    value("array-longer-than-the-file", .malformed, "length of x") { .array(of: 6, count: large, []) },
    value("array-bytes-overflow", .malformed, "length of x") { .array(of: 12, count: 1 << 61, []) },
    value("array-bytes-wrap-to-four", .malformed, "length of x") { .array(of: 4, count: (1 << 62) + 1, [0, 0, 0, 0]) },
    value("array-of-strings-longer-than-the-file", .malformed, "length of x") { .array(of: 8, count: 1 << 20, []) },
    value("array-of-an-unknown-type", .malformed, "value type 99") { .array(of: 99, count: 0, []) },
    value("array-in-array-too-deep", .unsafe, "nested deeper than 4") {
      var value = GGUFBuilder.Value.array(of: 0, count: 0, [])
      for _ in 0..<4 { value = .array(of: 9, count: 1, value.bytes) }
      return value
    },
    value("array-nesting-bomb", .unsafe, "nested deeper than 4") {
      let level = littleEndian(UInt32(9)) + littleEndian(UInt64(1))
      return .init(type: 9, bytes: (0..<100_000).flatMap { _ in level })
    },
    value("array-of-arrays-longer-than-the-file", .malformed, "length of x") { .array(of: 9, count: 1 << 50, []) },
    refuse("text-beyond-its-limit", "at most 16 MiB", .unsafe, "tokenizer.chat_template", "16777216") {
      $0["tokenizer.chat_template"] = .string(String(repeating: "t", count: (16 << 20) + 1))
    },
    refuse("array-beyond-its-limit", "4,194,304 elements", .unsafe, "tokenizer.ggml.token_type", "4194304") {
      $0["tokenizer.ggml.token_type"] = .array(of: 0, count: (4 << 20) + 1, [UInt8](repeating: 1, count: (4 << 20) + 1))
    },
    refuse("text-not-utf8", "a string is UTF-8", .malformed, "tokenizer.chat_template", "UTF-8") {
      $0["tokenizer.chat_template"] = .init(type: 8, bytes: littleEndian(UInt64(2)) + [0xFF, 0xFE])
    },
  ]

  private static func aligned(_ name: String, _ mention: String, _ value: GGUFBuilder.Value) -> HostileCase {
    refuse("alignment-\(name)", "G6 | `general.alignment`", .malformed, "general.alignment", mention) { $0["general.alignment"] = value }
  }

  static let alignment: [HostileCase] = [
    aligned("zero", "power of two", .uint32(0)), aligned("no-power-of-two", "power of two", .uint32(24)),
    aligned("all-bits", "power of two", .uint32(.max)), aligned("beyond-its-limit", "1048576", .uint32(1 << 21)),
    aligned("signed", "expected a uint32", .int32(32)), aligned("of-64-bits", "expected a uint32", .uint64(32)),
    aligned("text", "expected a uint32", .string("32")), aligned("a-list", "expected a uint32", .integers([32])),
  ]
}
