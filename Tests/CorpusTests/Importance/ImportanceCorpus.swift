import ByteStorage
import TestSupport

/// `formats/imatrix.md`: importance matrices of both forms.
enum ImportanceCorpus {
  static let page = "imatrix.md"
  static let file = "imatrix.dat"

  /// The older form, right or wrong.
  struct Legacy {
    var entryCount: Int32 = 1
    var nameLength: Int32?
    var name = Array("blk.0.attn_q.weight".utf8)
    var calls: Int32 = 1
    var valueCount: Int32?
    var values = [Float](repeating: 1, count: 16)
    var trailing: [UInt8] = []

    var bytes: [UInt8] {
      littleEndian(entryCount) + littleEndian(nameLength ?? Int32(name.count)) + name + littleEndian(calls)
        + littleEndian(valueCount ?? Int32(values.count)) + values.flatMap { littleEndian($0.bitPattern) } + trailing
    }
  }

  private static func legacy(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    change: @escaping @Sendable (inout Legacy) -> Void
  ) -> HostileCase {
    bytes(name, words, kind, mention) {
      var file = Legacy()
      change(&file)
      return file.bytes
    }
  }

  private static func bytes(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ bytes: @escaping @Sendable () -> [UInt8]
  ) -> HostileCase {
    HostileCase(
      "imatrix-\(name)", rule: Rule(page, words), kind: kind, mentions: [file, mention],
      arguments: ["convert", "--target", "target", "-o", "out.griffin", "--quantize", "q8_0", "--imatrix", file]
    ) { folder in
      try folder.writeTarget()
      try folder.write(bytes(), to: file)
    }
  }

  private static func gguf(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    change: @escaping @Sendable (inout GGUFBuilder) -> Void
  ) -> HostileCase {
    bytes("gguf-\(name)", words, kind, mention) {
      var file = GGUFBuilder()
      file["general.type"] = .string("imatrix")
      let sums = [UInt8](repeating: 0, count: 64)
      file.tensors = [
        .init("blk.0.attn_q.weight.in_sum2", type: 0, [16, 1], bytes: sums),
        .init("blk.0.attn_q.weight.counts", type: 0, [1, 1], bytes: littleEndian(Float(1).bitPattern)),
      ]
      change(&file)
      return file.bytes
    }
  }

  private static let form = "I2. The older `.dat`", pairs = "I1. GGUF with `general.type` `imatrix`"
  private static let refused = "what is truncated or goes on, two entries for a tensor, values that are negative or not finite"

  static let hostile: [HostileCase] = [
    bytes("empty", refused, .malformed, "0 bytes") { [] },
    bytes("text", refused, .malformed, "byte 0") { Array("blk.0.attn_q.weight 1 1 1".utf8) },
    legacy("no-entries", form, .malformed, "number of entries is 0") { $0.entryCount = 0 },
    legacy("entries-negative", form, .malformed, "number of entries is -1") { $0.entryCount = -1 },
    legacy("entries-beyond-the-file", form, .malformed, "number of entries is 90000") { $0.entryCount = 90_000 },
    legacy("name-of-no-bytes", form, .malformed, "name is 0") { ($0.name, $0.nameLength) = ([], 0) },
    legacy("name-length-negative", form, .malformed, "name is -5") { $0.nameLength = -5 },
    legacy("name-beyond-the-file", form, .malformed, "name is 1000") { $0.nameLength = 1000 },
    legacy("name-not-utf-8", form, .malformed, "UTF-8") { $0.name[0] = 0xFF },
    legacy("calls-negative", refused, .malformed, "calls is -3") { $0.calls = -3 },
    legacy("no-values", form, .malformed, "number of values is 0") { ($0.valueCount, $0.values) = (0, []) },
    legacy("values-negative-count", form, .malformed, "number of values is -1") { $0.valueCount = -1 },
    legacy("values-beyond-the-file", form, .malformed, "number of values is 2147483647") { $0.valueCount = .max },
    legacy("value-not-a-number", refused, .malformed, "column 3") { $0.values[3] = .nan },
    legacy("value-infinite", refused, .malformed, "column 3") { $0.values[3] = .infinity },
    legacy("value-negative", refused, .malformed, "column 3") { $0.values[3] = -1 },
    legacy("columns-of-another-tensor", "a number of columns that is not the tensor's", .inconsistent, "down_proj") { file in
      file.name = Array("blk.0.ffn_down.weight".utf8)
      file.values = [Float](repeating: 1, count: 31)
    },
    legacy("of-no-known-tensor", "I3. Names are GGUF's", .unsupported, "no entry") {
      $0.name = Array("blk.0.attn_x.weight".utf8)
    },
    legacy("goes-on", refused, .malformed, "7 bytes") { $0.trailing = [1, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9] },
    legacy("cut-off", refused, .malformed, "values") { $0.valueCount = 17 },
    bytes("tensor-twice", refused, .malformed, "two entries") {
      let entry = Array(Legacy().bytes.dropFirst(4))
      return littleEndian(Int32(2)) + entry + entry
    },
    gguf("of-another-type", pairs, .unsupported, "adapter") { $0["general.type"] = .string("adapter") },
    gguf("without-counts", pairs, .malformed, "counts") { $0.tensors.removeLast() },
    gguf("without-sums", pairs, .malformed, "in pairs") { $0.tensors.removeFirst() },
    gguf("of-a-model", pairs, .malformed, "in pairs") { $0.addFloats("blk.0.attn_k.weight", [16, 1]) },
    gguf("sums-of-halves", pairs, .malformed, "expected f32") { file in
      file.tensors[0].type = 1
      file.tensors[0].bytes = [UInt8](repeating: 0, count: 32)
    },
    gguf("counts-that-do-not-divide", pairs, .malformed, "do not belong") { file in
      file.tensors[1].dimensions = [3]
      file.tensors[1].bytes = [UInt8](repeating: 0, count: 12)
    },
    gguf("count-negative", refused, .malformed, "count") { $0.tensors[1].bytes = littleEndian(Float(-1).bitPattern) },
    gguf("count-not-a-number", refused, .malformed, "count") { $0.tensors[1].bytes = littleEndian(Float.nan.bitPattern) },
    gguf("sum-infinite", refused, .malformed, "column 0") {
      $0.tensors[0].bytes.replaceSubrange(0..<4, with: littleEndian(Float.infinity.bitPattern))
    },
    gguf("counts-all-zero", "I8. So is an entry whose counts (or calls) are all zero", .malformed, "all zero") {
      $0.tensors[1].bytes = littleEndian(Float(0).bitPattern)
    },
    legacy("no-calls", "I8. So is an entry whose counts (or calls) are all zero", .malformed, "all zero") { $0.calls = 0 },
    gguf("digests-of-other-texts", "I7. Digests, where there are any, are as many as names", .malformed, "text_sha256") {
      $0["imatrix.datasets"] = .strings(["a.txt", "b.txt"])
      $0["griffin.imatrix.text_sha256"] = .strings([""])
    },
    gguf("digest-that-is-none", "each is empty or 64 lower-case hexadecimal digits", .malformed, "text_sha256") {
      $0["imatrix.datasets"] = .strings(["a.txt"])
      $0["griffin.imatrix.text_sha256"] = .strings(["A0"])
    },
    HostileCase(
      "imatrix-of-another-draft", rule: Rule(page, "or for a tensor that the draft does not have"), kind: .inconsistent,
      mentions: [file, "fc.weight"], arguments: CorpusArguments.draft + ["--quantize", "q8_0", "--imatrix", file]
    ) { folder in
      let model = try TinyCheckpoint.draft()
      try folder.write(SafetensorsBuilder(model.source).bytes, to: "draft/model.safetensors")
      try folder.write(model.configText, to: "draft/config.json")
      var matrix = Legacy()
      matrix.name = Array("draft/fc.weight".utf8)
      try folder.write(matrix.bytes, to: file)
    },
    bytes("larger-than-its-limit", "files over 256 MiB", .unsafe, "268435456") { [UInt8](repeating: 0, count: (256 << 20) + 1) },
  ]
}
