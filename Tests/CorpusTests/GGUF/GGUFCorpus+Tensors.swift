import ByteStorage
import TestSupport

/// The list of tensors and where their data are (G7 to G11).
extension GGUFCorpus {
  private static let names = "G7 | names of tensors", shape = "G8 | dimensions", types = "G9 | types", places = "G10 | offsets"

  private static func one(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    _ change: @escaping @Sendable (inout GGUFBuilder.Tensor) -> Void
  ) -> HostileCase {
    refuse(name, words, kind, mention) { change(&$0.tensors[1]) }
  }

  private static func sized(_ name: String, _ mention: String, _ dimensions: [UInt64], type: UInt32 = 0) -> HostileCase {
    refuse("dimensions-\(name)", shape, .malformed, "blk.0.attn_norm.weight", mention) {
      ($0.tensors[1].dimensions, $0.tensors[1].type) = (dimensions, type)
    }
  }

  private static func typed(_ name: String, _ mention: String, _ number: UInt32) -> HostileCase {
    refuse("type-\(name)", types, .unsupported, "blk.0.attn_norm.weight", mention) { $0.tensors[1].type = number }
  }

  static let tensors: [HostileCase] = [
    refuse("name-twice", names, .malformed, "two tensors") { $0.tensors[1].name = $0.tensors[0].name },
    one("name-of-64-bytes", names, .unsafe, "at most 63") { $0.name = String(repeating: "n", count: 64) },
    one("name-empty", names, .malformed, "name is empty") { $0.name = "" },
    one("name-with-a-line-feed", names, .malformed, "control characters") { $0.name = "blk.0\nnorm" },
    one("name-with-nul", names, .malformed, "control characters") { $0.name = "blk.0.attn_norm.weight\0" },
    refuseFile("name-longer-than-the-file", names, .malformed, "length of a tensor's name") {
      Array("GGUF".utf8) + littleEndian(UInt32(3)) + littleEndian(UInt64(1)) + littleEndian(UInt64(0)) + littleEndian(UInt64(1) << 62)
        + [UInt8](repeating: 0x61, count: 64)
    },
    refuse("bytes-after-the-last", "nothing follows the last", .malformed, "64 bytes after the last tensor") {
      $0.tensors[$0.tensors.count - 1].bytes += [UInt8](repeating: 0, count: 64)
    },
    refuse("zip-after-the-last", "nothing follows the last", .malformed, "after the last tensor") {
      $0.tensors[$0.tensors.count - 1].bytes += ZipBuilder.fourFloats.bytes
    },
    sized("none", "0 dimensions", []), sized("five", "5 dimensions", [32, 1, 1, 1, 1]),
    sized("four-billion", "dimensions", [UInt64](repeating: 1, count: 200)),
    sized("zero", "dimensions is 0", [0]), sized("zero-and-huge", "dimensions is 0", [0, 1 << 62]),
    sized("negative", "dimensions is -1", [.max]), sized("smallest", "dimensions is -9223372036854775808", [1 << 63]),
    sized("elements-overflow", "64 bits", [1 << 40, 1 << 40]), sized("elements-wrap-to-zero", "64 bits", [1 << 32, 1 << 32]),
    sized("elements-wrap-to-the-truth", "64 bits", [(1 << 62) + 8, 4]),
    sized("bytes-overflow", "64 bits", [1 << 62]), sized("bytes-wrap-to-the-truth", "64 bits", [(1 << 62) + 32]),
    // 18 bytes for 32 elements: the elements fit 63 bits, their padded bytes only just.
    sized("padding-overflow", "beyond", [(1 << 61) - 1]),
    sized("rows-not-whole-blocks", "q4_k", [32], type: 12), sized("rows-not-whole-small-blocks", "q8_0", [33], type: 8),
    sized("rows-of-one-in-blocks", "q4_0", [1, 32], type: 2),
    typed("unknown", "ggml type 99", 99), typed("negative", "ggml type 4294967295", .max), typed("retired-q4-2", "was retired", 4),
    typed("retired-q4-3", "was retired", 5), typed("retired-q4-0-4-4", "was retired", 31), typed("retired-iq4-nl-4-4", "was retired", 36),
    refuse("blocks-of-version-one", "G11 | `general.quantization_version`", .unsupported, "quantization_version", "output.weight") { file in
      file["general.quantization_version"] = .uint32(1)
      let index = file.index(of: "output.weight")
      file.tensors[index].type = 8
      file.tensors[index].bytes = [UInt8](repeating: 0, count: GGUFBuilder.vocabulary * 34)
    },
  ]

  private static func moved(_ name: String, _ mention: String, by distance: Int64) -> HostileCase {
    refuse("offset-\(name)", places, .malformed, "blk.0.attn_q.weight", mention) { $0.tensors[2].offsetError = distance }
  }

  static let offsets: [HostileCase] = [
    moved("off-the-alignment", "multiple of the alignment", by: 4), moved("overlapping", "overlaps", by: -32),
    moved("negative", "beyond the end", by: .min),
    moved("all-bits", "multiple of the alignment", by: -1 - 1664),
    refuse("offset-beyond-the-file", places, .malformed, "output.weight", "hole") { $0.tensors[$0.tensors.count - 1].offsetError = 1 << 40 },
    refuse("offset-hole", places, .malformed, "hole") { file in
      for index in 3..<file.tensors.count { file.tensors[index].offsetError = 32 }
    },
    refuse("offset-of-the-first", places, .malformed, "token_embd.weight", "hole") { file in
      for index in file.tensors.indices { file.tensors[index].offsetError = 32 }
    },
    refuse("all-on-the-same-bytes", places, .malformed, "overlaps") { file in
      var offset: Int64 = 0
      for index in file.tensors.indices {
        file.tensors[index].offsetError = -offset
        offset += Int64(file.tensors[index].bytes.count)
      }
    },
    refuse("last-out-of-the-file", places, .malformed, "output.weight", "truncated") { file in
      file.tensors[file.tensors.count - 1].dimensions = [32, 1 << 40]
    },
    refuse("last-larger-than-its-data", places, .malformed, "output.weight", "truncated") { file in
      file.tensors[file.tensors.count - 1].dimensions = [32, 24]
    },
    refuseFile("data-cut-off", places, .malformed, "output.weight", "truncated") { Array(GGUFBuilder.tiny().bytes.dropLast(64)) },
    refuseFile("data-cut-by-a-byte", places, .malformed, "output.weight", "truncated") { Array(GGUFBuilder.tiny().bytes.dropLast(1)) },
    refuse("first-larger-than-its-data", places, .malformed, "overlaps") { $0.tensors[0].dimensions = [32, 24] },
    refuse("smaller-than-its-data", places, .malformed, "hole") { $0.tensors[0].dimensions = [32, 6] },
  ]
}
