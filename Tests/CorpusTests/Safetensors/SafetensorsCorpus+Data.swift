import ByteStorage
import TestSupport

/// Where data are (S8 and S9), and files that are something else.
extension SafetensorsCorpus {
  private static let range = "S8. `data_offsets` are two numbers"
  private static let order = "S9. Tensors follow one another"
  private static let norm = "model.norm.weight"

  private static func placed(_ name: String, _ mention: String, _ text: String) -> HostileCase {
    refuse("offsets-\(name)", range, .malformed, norm, mention) { $0[norm].offsets = text }
  }

  /// Moves the last tensor, which is the head.
  private static func moved(_ name: String, _ mention: String, begin: Int, end: Int) -> HostileCase {
    refuse(name, order, .malformed, mention) { file in
      let count = file.entries.dropLast().reduce(0) { $0 + $1.bytes.count }
      let last = file.entries.count - 1
      file.entries[last].offsets = "[\(count + begin),\(count + file.entries[last].bytes.count + end)]"
      file.trailing = [UInt8](repeating: 0, count: max(0, end))
    }
  }

  static let offsets: [HostileCase] = [
    placed("backwards", "[64, 0]", "[64,0]"), placed("out-of-the-file", "truncated", "[1000000,1000064]"),
    placed("end-out-of-the-file", "truncated", "[0,9000000000000000000]"),
    placed("largest", "truncated", "[9223372036854775743,9223372036854775807]"),
    placed("wrapping", "data_offsets", "[18446744073709551552,0]"), placed("negative", "-64", "[-64,0]"),
    placed("fraction", "data_offsets", "[0.5,64.5]"), placed("text", "data_offsets", #"["0","64"]"#),
    placed("one", "found 1", "[64]"), placed("none", "found 0", "[]"), placed("three", "at most 2", "[0,64,128]"),
    placed("null", "data_offsets", "null"), placed("object", "data_offsets", #"{"begin":0,"end":64}"#),
    placed("span-too-short", "takes 64", "[0,60]"), placed("span-too-long", "takes 64", "[0,68]"),
    placed("span-empty", "takes 64", "[0,0]"),
    moved("overlap-by-a-byte", "overlaps", begin: -1, end: -1), moved("hole-of-a-byte", "hole of 1 bytes", begin: 1, end: 1),
    moved("hole-of-four-megabytes", "hole of 4194304 bytes", begin: 4 << 20, end: 4 << 20),
    refuse("hole-before-the-first", order, .malformed, "hole of 16 bytes") { file in
      // A polyglot keeps its other half here.
      var offset = 16
      for index in file.entries.indices {
        let end = offset + file.entries[index].bytes.count
        file.entries[index].offsets = "[\(offset),\(end)]"
        offset = end
      }
      file.trailing = [UInt8](repeating: 0, count: 16)
    },
    refuse("two-on-the-same-bytes", order, .malformed, "overlaps") { file in
      file.entries.append(.init("other", file.entries[0].type, file.entries[0].shape, bytes: []))
      file.entries[file.entries.count - 1].offsets = "[0,\(file.entries[0].bytes.count)]"
    },
    refuse("empty-tensor-inside-another", order, .malformed, "other", "overlaps") { file in
      file.entries.append(.init("other", "F32", "[0]", bytes: []))
      file.entries[file.entries.count - 1].offsets = "[4,4]"
    },
    refuse("empty-tensor-beyond-the-end", range, .malformed, "other", "data_offsets") { file in
      let count = file.entries.reduce(0) { $0 + $1.bytes.count }
      file.entries.append(.init("other", "F32", "[0]", bytes: []))
      file.entries[file.entries.count - 1].offsets = "[\(count + 4),\(count + 4)]"
    },
    refuse("bytes-after-the-last", order, .malformed, "1 bytes after the last tensor") { $0.trailing = [0] },
    refuse("zip-after-the-last", order, .malformed, "after the last tensor") { $0.trailing = ZipBuilder.fourFloats.bytes },
    refuse("data-but-no-tensors", order, .malformed, "64 bytes after the last tensor") { file in
      file.entries = []
      file.trailing = [UInt8](repeating: 0, count: 64)
    },
    refuse("data-cut-by-a-byte", range, .malformed, "truncated") { file in
      file.header = Array(file.headerText.utf8)
      file.entries[file.entries.count - 1].bytes.removeLast()
    },
    refuse("data-cut-off", range, .malformed, "truncated") { file in
      file.header = Array(file.headerText.utf8)
      file.entries = []
    },
  ]

  private static let page = "checkpoint-folders.md"
  private static let foreignRule = "is named as what it is, with what to do"

  private static func other(
    _ name: String, _ kind: GriffinError.Kind, _ mention: String, _ bytes: @escaping @Sendable () throws -> [UInt8]
  ) -> HostileCase {
    refuseFile("is-\(name)", foreignRule, page: page, kind, mention, bytes: bytes)
  }

  static let foreign: [HostileCase] = [
    other("a-git-lfs-pointer", .malformed, "Git LFS pointer") {
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "a", count: 64))\nsize 3584\n".utf8)
    },
    other("a-web-page", .malformed, "HTML page") { Array("<!DOCTYPE html><html><body>404</body></html>".utf8) },
    other("a-web-page-in-capitals", .malformed, "HTML page") { Array("\r\n<HTML><HEAD></HEAD></HTML>".utf8) },
    other("an-xml-error", .malformed, "HTML page") {
      Array("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>".utf8)
    },
    other("a-zip-archive", .malformed, "zip archive") { ZipBuilder.fourFloats.bytes },
    other("a-pickle", .malformed, "pickle") { PickleBuilder.stateDict { $0.none() } },
    other("a-gguf-file", .malformed, "GGUF") { GGUFBuilder.tiny().bytes },
    other("compressed", .unsupported, "compressed") { [0x1F, 0x8B, 8, 0] + [UInt8](repeating: 0, count: 60) },
    other("a-tar-archive", .unsupported, "tar archive") { TarBuilder([.init("model.safetensors", [1, 2, 3])]).bytes },
    other("zeros", .malformed, "header") { [UInt8](repeating: 0, count: 4096) },
    other("json-without-length", .malformed, "error text of a hub") {
      Array(#"{"error":"Repository not found","padding":"................"}"#.utf8)
    },
  ]
}
