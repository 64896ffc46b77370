import ByteStorage
import TestSupport

/// Names, types, shapes and the rest of an entry (S4 to S7).
extension SafetensorsCorpus {
  private static let name = "A name has 1 to 1024 bytes and no control characters"
  private static let members = "S5. An entry MUST have"
  private static let type = "S6. `dtype` MUST be one of"
  private static let shape = "S7. `shape` has at most 8 dimensions"
  private static let norm = "model.norm.weight"

  private static func named(_ suffix: String, _ kind: GriffinError.Kind, _ mention: String, _ text: String) -> HostileCase {
    refuse("name-\(suffix)", name, kind, mention) { $0[norm].name = text }
  }

  static let names: [HostileCase] = [
    named("empty", .malformed, "empty", ""),
    named("of-1025-bytes", .malformed, "longer than 1024", String(repeating: "n", count: 1025)),
    named("of-ten-megabytes", .malformed, "longer than 1024", String(repeating: "n", count: 10_000_000)),
    named("with-nul", .malformed, "control characters", "model\0norm"),
    named("with-line-feed", .malformed, "control characters", "model\nnorm"),
    named("with-terminal-escape", .malformed, "control characters", "model\u{1B}[2Jnorm"),
    named("with-c1-control", .malformed, "control characters", "model\u{9B}norm"),
    HostileCase(
      "safetensors-name-with-dots-and-slashes", rule: Rule("safetensors.md", "never become paths"), kind: .inconsistent,
      mentions: ["config.json", "../../etc/passwd", "unexpected"]
    ) { folder in
      try folder.writeTarget { $0.entries.append(.init("../../etc/passwd", "F32", "[1]", bytes: [0, 0, 0, 0])) }
    },
  ]

  private static func entry(_ name: String, _ mention: String, _ text: String) -> HostileCase {
    refuse("entry-\(name)", members, .malformed, mention) { $0[norm].text = text }
  }

  private static func typed(_ name: String, _ kind: GriffinError.Kind, _ mention: String, _ text: String) -> HostileCase {
    refuse("dtype-\(name)", type, kind, norm, mention) { $0[norm].type = text }
  }

  static let entries: [HostileCase] = [
    entry("number", norm, "1"), entry("null", norm, "null"), entry("list", norm, "[]"), entry("text", norm, #""F32""#),
    entry("empty", "no dtype", "{}"),
    entry("without-dtype", "no dtype", #"{"shape":[16],"data_offsets":[0,64]}"#),
    entry("without-shape", "no shape", #"{"dtype":"F32","data_offsets":[0,64]}"#),
    entry("without-offsets", "no data_offsets", #"{"dtype":"F32","shape":[16]}"#),
    entry("dtype-number", "dtype", #"{"dtype":32,"shape":[16],"data_offsets":[0,64]}"#),
    entry("dtype-null", "dtype", #"{"dtype":null,"shape":[16],"data_offsets":[0,64]}"#),
    typed("unknown", .unsupported, "F128", "F128"), typed("lower-case", .unsupported, "f32", "f32"),
    typed("empty", .unsupported, "dtype", ""), typed("with-nul", .unsupported, "dtype", #"F32\u0000"#),
    typed("a-block-type", .unsupported, "Q4_0", "Q4_0"),
    typed("a-megabyte", .unsupported, "dtype", String(repeating: "F", count: 1 << 20)),
    HostileCase(
      "safetensors-dtype-of-integers-as-weights", rule: Rule("safetensors.md", "a model that needs such a tensor is refused by its name"),
      kind: .unsupported, mentions: ["config.json", norm, "i32"]
    ) { folder in try folder.writeTarget { $0[norm].type = "I32" } },
    refuse("dtype-half-as-many-bits", "as far apart as type and shape take bytes", .malformed, norm) { $0[norm].type = "F16" },
    refuse("dtype-half-bytes-odd", "whole bytes", .malformed, norm) { file in
      file[norm].type = "F4"
      file[norm].shape = "[127]"
    },
    refuse("dtype-six-bits-odd", "whole bytes", .malformed, norm) { file in
      file[norm].type = "F6_E2M3"
      file[norm].shape = "[85]"
    },
  ]

  private static func shaped(_ name: String, _ mention: String, _ text: String) -> HostileCase {
    refuse("shape-\(name)", shape, .malformed, norm, mention) { $0[norm].shape = text }
  }

  static let shapes: [HostileCase] = [
    shaped("negative", "-16", "[-16]"), shaped("two-negatives", "-4", "[-4,-4]"), shaped("fraction", "shape", "[16.5]"),
    shaped("whole-as-a-fraction", "shape", "[16.0]"), shaped("with-exponent", "shape", "[1.6e1]"),
    shaped("text", "shape", #"["16"]"#), shaped("nested", "shape", "[[16]]"), shaped("bool", "shape", "[true]"),
    shaped("null", "shape", "null"), shaped("a-number", "shape", "16"), shaped("an-object", "shape", #"{"0":16}"#),
    shaped("beyond-64-bits", "shape", "[18446744073709551616]"), shaped("one-bit-too-many", "shape", "[9223372036854775808]"),
    shaped("four-hundred-digits", "beyond", "[1\(String(repeating: "0", count: 400))]"),
    shaped("nine-dimensions", "at most 8", "[1,1,1,1,1,1,1,1,16]"),
    shaped("million-dimensions", "at most 8", "[\(String(repeating: "1,", count: 1_000_000))16]"),
    shaped("product-overflow", "64 bits", "[4611686018427387904,4]"),
    // 2^32 * 2^32 * 16 is 0 in 64 bits, and (2^62 + 4) * 4 is 16.
    shaped("product-wraps-to-zero", "64 bits", "[4294967296,4294967296,16]"),
    shaped("product-wraps-to-the-truth", "64 bits", "[4611686018427387908,4]"),
    shaped("bytes-overflow", "64 bits", "[4611686018427387904]"),
    shaped("bytes-wrap-to-the-truth", "64 bits", "[4611686018427387920]"),
  ]
}
