import ByteStorage
import TestSupport

/// The header's length and where it ends.
extension SafetensorsCorpus {
  private static let length = "bytes of the header: 1 to 100,000,000, and within the file"

  static let header: [HostileCase] = [
    refuseFile("empty-file", "an empty file", page: "checkpoint-folders.md", .malformed, "empty file") { [] },
    refuseFile("seven-bytes", length, .malformed, "7 bytes") { [UInt8](repeating: 1, count: 7) },
    refuseFile("only-a-length", length, .malformed, "header") { littleEndian(UInt64(2)) },
    refuse("length-zero", length, .malformed, "header") { $0.declaredByteCount = 0 },
    refuse("length-above-limit", length, .malformed, "100000001", "at most 100000000") { $0.declaredByteCount = 100_000_001 },
    refuse("length-beyond-file", length, .malformed, "truncated") { $0.declaredByteCount = 90_000_000 },
    refuse("length-all-bits", length, .malformed, "18446744073709551615") { $0.declaredByteCount = .max },
    refuse("length-overflow-with-prefix", length, .malformed, "18446744073709551608") { $0.declaredByteCount = .max - 7 },
    refuse("length-negative", length, .malformed, "9223372036854775808") { $0.declaredByteCount = 1 << 63 },
    refuse("length-big-endian", length, .malformed, "at most") { $0.declaredByteCount = UInt64($0.headerText.utf8.count).byteSwapped },
    refuse("length-into-data", "may end in spaces", .malformed, "13500 bytes of data") {
      $0.declaredByteCount = UInt64($0.headerText.utf8.count + 4)
    },
    refuse("length-short-of-brace", "JSON object", .malformed, "byte") {
      $0.declaredByteCount = UInt64($0.headerText.utf8.count - 1)
    },
    refuse("header-of-a-brace", "JSON object", .malformed, "byte 9") { $0.declaredByteCount = 1 },
    refuse("header-after-a-space", "begins with `{`", .malformed, "start with '{'") { $0.header = Array((" " + $0.headerText).utf8) },
    refuse("header-after-a-byte-order-mark", "begins with `{`", .malformed, "start with '{'") {
      $0.header = [0xEF, 0xBB, 0xBF] + Array($0.headerText.utf8)
    },
    refuse("header-and-text", "may end in spaces", .malformed, "after") { $0.header = Array(($0.headerText + "x").utf8) },
    refuse("header-and-nul", "may end in spaces", .malformed, "after") { $0.header = Array($0.headerText.utf8) + [0] },
    refuse("header-and-header", "may end in spaces", .malformed, "after") {
      $0.header = Array(($0.headerText + $0.headerText).utf8)
    },
    refuse("header-a-list", "begins with `{`", .malformed, "start with '{'") { $0.header = Array("[]".utf8) },
    refuse("header-cut-in-half", "JSON object", .malformed, "byte") {
      $0.header = Array($0.headerText.utf8.prefix($0.headerText.utf8.count / 2))
    },
  ]
}
