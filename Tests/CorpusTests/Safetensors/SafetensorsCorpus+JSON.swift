import ByteStorage
import TestSupport

/// The header as JSON (S1 to S3).
extension SafetensorsCorpus {
  private static let strict = "S1. Strict JSON: UTF-8"
  private static let once = "no duplicate keys"
  private static let norm = "model.norm.weight"

  /// The header with a part of its text replaced.
  private static func edit(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ old: String, _ new: String
  ) -> HostileCase {
    refuse(name, words, kind, mention) { $0.header = Array($0.headerText.replacing(old, with: new).utf8) }
  }

  /// The header with another member before the rest.
  private static func member(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    _ text: @escaping @Sendable () -> String
  ) -> HostileCase {
    refuse(name, words, kind, mention) { $0.header = Array(("{" + text() + "," + $0.headerText.dropFirst()).utf8) }
  }

  static let json: [HostileCase] = [
    edit("header-not-json", strict, .malformed, "byte", #""__metadata__""#, "__metadata__"),
    edit("header-single-quotes", strict, .malformed, "byte", #""dtype""#, "'dtype'"),
    edit("header-trailing-comma", strict, .malformed, "byte", "}}", "},}"),
    edit("header-comment", strict, .malformed, "byte", #""__metadata__""#, #"/* */"__metadata__""#),
    edit("header-number-with-leading-zero", strict, .malformed, "byte", "[32,", "[032,"),
    edit("header-bad-escape", strict, .malformed, "byte", "lm_head.weight", #"lm_head.\xweight"#),
    edit("header-lone-surrogate", strict, .malformed, "byte", "lm_head.weight", #"lm_head.\ud800weight"#),
    edit("header-raw-control-character", strict, .malformed, "byte", "lm_head.weight", "lm_head.\u{1}weight"),
    refuse("header-not-utf8", strict, .malformed, "UTF-8") { file in
      guard let place = file.headerText.utf8.firstIndex(of: UInt8(ascii: "h")) else { return }
      var header = Array(file.headerText.utf8)
      header[file.headerText.utf8.distance(from: file.headerText.utf8.startIndex, to: place)] = 0xFF
      file.header = header
    },
    refuse("header-overlong-utf8", strict, .malformed, "UTF-8") { file in
      // A slash in two bytes, as no encoder writes it.
      file.header = Array(file.headerText.utf8.dropLast(1)) + Array(#",""#.utf8) + [0xC0, 0xAF] + Array(#"":1}"#.utf8)
    },
    member("header-nesting-nine", "nesting at most 8", .unsafe, "nest") {
      #""a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":\#(String(repeating: "[", count: 8))\#(String(repeating: "]", count: 8))}"#
    },
    member("header-nesting-bomb", "nesting at most 8", .unsafe, "nest") {
      #""a":{"x":\#(String(repeating: "[", count: 1_000_000))"#
    },
    member("header-too-many-values", "at most 4,194,304 values", .unsafe, "values") {
      #""a":{"x":[\#(String(repeating: "1,", count: 4_194_304))1]}"#
    },
    member("header-string-bomb", "a string at most 16 MiB", .unsafe, "string") {
      #""__metadata__":{"x":"\#(String(repeating: "a", count: 17 << 20))"}"#
    },
    edit("header-same-tensor-twice", once, .malformed, norm, #""lm_head.weight""#, #""model.norm.weight""#),
    edit("header-same-tensor-escaped", once, .malformed, "duplicate key", #""lm_head.weight""#, #""model.n\u006frm.weight""#),
    refuse("header-same-tensor-in-two-spellings", "two spellings that Unicode calls equal", .malformed, "spelling") { file in
      file.entries.append(.init("caf\u{E9}", "F32", "[1]", bytes: [0, 0, 0, 0]))
      file.entries.append(.init("cafe\u{301}", "F32", "[1]", bytes: [0, 0, 0, 0]))
    },
    edit("header-same-member-twice", once, .malformed, "dtype", #""dtype":"F32","shape":[16]"#, #""dtype":"F32","dtype":"F32","shape":[16]"#),
    member("metadata-twice", once, .malformed, "__metadata__") { #""__metadata__":{"a":"b"}"# },
    refuse("metadata-key-twice", once, .malformed, "format") { $0.metadata = #"{"format":"pt","format":"np"}"# },
    refuse("metadata-number", "MUST map strings to strings", .malformed, "__metadata__") { $0.metadata = #"{"format":1}"# },
    refuse("metadata-null-value", "MUST map strings to strings", .malformed, "__metadata__") { $0.metadata = #"{"format":null}"# },
    refuse("metadata-nested", "MUST map strings to strings", .malformed, "__metadata__") { $0.metadata = #"{"a":{"b":"c"}}"# },
    refuse("metadata-a-list", "MUST map strings to strings", .malformed, "__metadata__") { $0.metadata = "[]" },
    refuse("metadata-null", "MUST map strings to strings", .malformed, "__metadata__") { $0.metadata = "null" },
    refuse("tensor-bomb", "At most 250,000 tensors", .unsafe, "250000 tensors") { file in
      let entry = #"{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#
      file.entries = []
      file.header = Array(("{" + (0...250_000).map { #""t\#($0)":\#(entry)"# }.joined(separator: ",") + "}").utf8)
    },
    refuse("overlap-bomb", "without gap or overlap", .malformed, "overlaps") { file in
      let entry = #"{"dtype":"F32","shape":[16],"data_offsets":[0,64]}"#
      file.entries = []
      file.header = Array(("{" + (0..<200_000).map { #""t\#($0)":\#(entry)"# }.joined(separator: ",") + "}").utf8)
      file.trailing = [UInt8](repeating: 0, count: 64)
    },
  ]
}
