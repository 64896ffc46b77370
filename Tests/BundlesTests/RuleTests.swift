import Bundles
import ByteStorage
import Foundation
import TestSupport
import Testing

/// Every rule of `formats/bundle.md` broken once.
struct RuleTests {
  struct Violation: Sendable, CustomTestStringConvertible {
    /// The rule's name, and a word where it is broken in several ways.
    let rule: String
    let kind: GriffinError.Kind
    /// A part of the message.
    let message: String
    var tensor: String?
    var offset: Int?
    var vector = "pair.griffin"
    let apply: @Sendable (inout BundleForge) throws -> Void

    var testDescription: String { rule }

    init(
      _ rule: String, _ kind: GriffinError.Kind, _ message: String, tensor: String? = nil, offset: Int? = nil,
      in vector: String = "pair.griffin", _ apply: @escaping @Sendable (inout BundleForge) throws -> Void
    ) {
      (self.rule, self.kind, self.message, self.tensor, self.offset) = (rule, kind, message, tensor, offset)
      (self.vector, self.apply) = (vector, apply)
    }

    /// A violation by replacing text in the manifest.
    static func manifest(
      _ rule: String, _ kind: GriffinError.Kind, _ message: String, tensor: String? = nil, in vector: String = "pair.griffin",
      _ old: String, _ new: String
    ) -> Violation {
      Violation(rule, kind, message, tensor: tensor, in: vector) { try $0.replace(old, new) }
    }
  }

  @Test(arguments: headerViolations + documentViolations + componentViolations + tensorViolations + payloadViolations + fileViolations)
  func isRefused(violation: Violation) throws {
    let folder = try TemporaryFolder()
    var forge = try BundleForge(.named(violation.vector))
    try violation.apply(&forge)
    let path = try folder.write(forge.bytes, to: "flawed.griffin")
    let error = #expect(throws: GriffinError.self) { try ModelBundle.open(path: path) }
    #expect(error?.kind == violation.kind)
    #expect(error?.file == path)
    #expect(error?.message.contains(violation.message) == true, "\(error?.message ?? "")")
    if let tensor = violation.tensor { #expect(error?.tensor == tensor) }
    if let offset = violation.offset { #expect(error?.offset == offset) }
  }

  static let headerViolations: [Violation] = [
    Violation("H1 empty", .malformed, "the file is empty", offset: 0) { $0.damage.append { $0 = [] } },
    Violation("H1 text mode", .malformed, "text mode", offset: 0) { $0.damage.append { $0.remove(at: 4) } },
    Violation("H1 seventh bit", .malformed, "text mode", offset: 0) { $0.damage.append { $0[0] &= 0x7F } },
    Violation("H1 unfinished", .malformed, "did not finish", offset: 0) {
      $0.damage.append { $0.replaceSubrange(0..<128, with: [UInt8](repeating: 0, count: 128)) }
    },
    Violation("H1 another file", .malformed, "other bytes", offset: 0) { $0.damage.append { $0[1] = 0x50 } },
    Violation("H1 cut in the header", .malformed, "fewer than the 128", offset: 100) { $0.damage.append { $0.removeSubrange(100...) } },
    Violation("H2", .unsupported, "of version 2, only version 1", offset: 8) { $0.set(2, bytes: 4, at: 8) },
    Violation("H2 zero", .unsupported, "of version 0", offset: 8) { $0.set(0, bytes: 4, at: 8) },
    Violation("H3", .malformed, "checksum", offset: 96) { $0.damage.append { $0[17] ^= 1 } },
    Violation("H4", .unsupported, "flags are 1", offset: 12) { $0.set(1, bytes: 4, at: 12) },
    Violation("H5 first", .malformed, "reserved byte is 1", offset: 47) { $0.set(1, bytes: 1, at: 47) },
    Violation("H5 second", .malformed, "reserved byte is 255", offset: 80) { $0.set(255, bytes: 1, at: 80) },
    Violation("H6", .malformed, "offset is 256, expected 128", offset: 24) { $0.set(256, at: 24) },
    Violation("H7", .unsafe, "67108865 bytes, at most 67108864", offset: 32) { $0.set(64 << 20 | 1, at: 32) },
    Violation("H7 huge", .unsafe, "18446744073709551615 bytes", offset: 32) { $0.set(.max, at: 32) },
    Violation("H7 beyond the file", .malformed, "end beyond", offset: 32) { $0.set(1_000_000, at: 32) },
    Violation("H8 truncated", .malformed, "is truncated", offset: 16) { $0.damage.append { $0.removeLast() } },
    Violation("H8 longer", .malformed, "bytes after its end", offset: 16) { $0.damage.append { $0.append(0) } },
    Violation("H8 huge", .malformed, "is truncated", offset: 16) { $0.set(.max, at: 16) },
    Violation("M1", .malformed, "the manifest is damaged", offset: 128) { $0.damage.append { $0[200] ^= 4 } },
  ]

  static let documentViolations: [Violation] =
    [
      .manifest("M2 no object", .malformed, "the manifest: expected an object", in: "draft-only.griffin", "{\"format\"", "[{\"format\""),
      .manifest("M2 duplicate", .malformed, "duplicate key", "\"version\":1", "\"version\":1,\"version\":1"),
      .manifest("M2 duplicate by escape", .malformed, "duplicate key", "\"version\":1", "\"version\":1,\"versio\\u006e\":1"),
      .manifest("M2 mark", .malformed, "a byte order mark before it", "{\"format\"", "\u{FEFF}{\"format\""),
      .manifest("M2 surrogate", .malformed, "surrogate", "eine", "\\ud800eine"),
      .manifest("M2 two documents", .malformed, "nothing after", "\"eine Übung\"}}", "\"eine Übung\"}}{}"),
      .manifest("M2 cut", .malformed, "end of the text", "\"eine Übung\"}}", "\"eine Übung\"}"),
      Violation("M2 depth", .unsafe, "nested deeper than 32") {
        try $0.replace("\"rope_scaling\":null", "\"x\":" + String(repeating: "[", count: 40) + String(repeating: "]", count: 40))
      },
      .manifest("M4 format", .malformed, "format is \"griffin\"", "griffin-bundle", "griffin"),
      .manifest("M4 version", .malformed, "the header says 1", "\"version\":1", "\"version\":2"),
      .manifest("M3 fraction", .malformed, "target.parameters: expected an integer", "\"parameters\":74", "\"parameters\":74.0"),
      .manifest("M3 negative", .malformed, "target.parameters is -74", "\"parameters\":74", "\"parameters\":-74"),
      .manifest("M3 beyond 63 bits", .malformed, "expected an integer", "\"parameters\":74", "\"parameters\":9223372036854775808"),
      .manifest("M3 text", .malformed, "target.parameters: expected an integer", "\"parameters\":74", "\"parameters\":\"74\""),
      .manifest("M3 config", .malformed, "draft.config: expected an object", "\"config\":{\"hidden_size\":2},\"parameters\":9",
        "\"config\":[],\"parameters\":9"),
      .manifest("M3 digest", .malformed, "64 lower-case", "\"sha256\":\"69", "\"sha256\":\"6G"),
      .manifest("M3 digest in capitals", .malformed, "64 lower-case", "69114c77", "69114C77"),
    ]
    + [
      ("format", "format is missing"), ("version", "version is missing"), ("recipe", "recipe is missing"),
      ("target", "recipe.target is missing"), ("family", "target.family"), ("config", "target.config"),
      ("parameters", "target.parameters"), ("kind", "draft.kind"), ("embedding", "draft.embedding"),
      ("relation", "draft.embedding.relation"), ("rows_different", "draft.embedding.rows_different"),
      ("tensors", "tensors is missing"), ("name", "tensors[0].name"), ("type", "tensors[0].type"),
      ("shape", "tensors[0].shape"), ("payload", "tensors[0].payload"), ("payloads", "payloads is missing"),
      ("offset", "payloads[0].offset"), ("bytes", "payloads[0].bytes"), ("sha256", "payloads[0].sha256"),
      ("attachments", "attachments is missing"), ("provenance", "provenance is missing"),
      ("component", "provenance[0].component"), ("file", "provenance[0].file"), ("metadata", "metadata is missing"),
    ].map { member, message in
      // A member of an unknown name is ignored, so that renaming one takes it away.
      .manifest("M3 without \(member)", .malformed, message, "\"\(member)\":", "\"other \(member)\":")
    }

  static let componentViolations: [Violation] = [
    Violation("C1", .malformed, "both target and draft are null", in: "draft-only.griffin") { forge in
      try forge.replace("\"draft\":\"copy\"", "\"draft\":null")
      let start = try #require(forge.manifest.range(of: "{\"kind\""))
      let end = try #require(forge.manifest.range(of: ",\"tensors\""))
      forge.manifest.replaceSubrange(start.lowerBound..<end.lowerBound, with: "null")
    },
    .manifest("C2 missing", .malformed, "recipe.draft is null though draft is there", "\"draft\":\"copy\"", "\"draft\":null"),
    .manifest(
      "C2 superfluous", .malformed, "recipe.target is given though target is null", in: "draft-only.griffin",
      "\"target\":null", "\"target\":\"copy\""),
    .manifest("C3 family", .malformed, "target.family", "\"llama\"", "\"\""),
    .manifest("C3 kind", .malformed, "draft.kind", "\"kind\":\"griffin\"", "\"kind\":\"a b\""),
    Violation("C3 recipe", .malformed, "recipe.draft") { try $0.replace("\"draft\":\"copy\"", "\"draft\":\"" + String(repeating: "q", count: 257) + "\"") },
    Violation("C4", .malformed, "no tensor's name begins with target/", in: "draft-only.griffin") { forge in
      try forge.replace("\"target\":null", "\"target\":\"copy\"")
      try forge.replace("\"target\":null", "\"target\":{\"family\":\"llama\",\"config\":{},\"parameters\":0}")
    },
    .manifest("C5 word", .malformed, "draft.embedding is \"same\"", "\"identical\"", "\"same\""),
    .manifest("C5 identical", .malformed, "draft.embedding", "\"rows_different\":0", "\"rows_different\":1"),
    .manifest("C5 different", .malformed, "draft.embedding", "\"identical\"", "\"different\""),
    .manifest("C5 absent", .malformed, "draft.embedding", "\"identical\"", "\"absent\""),
    .manifest("C5 converted", .malformed, "draft.embedding", "\"identical\",\"rows_different\":0", "\"converted\",\"rows_different\":null"),
  ]

  static let tensorViolations: [Violation] = [
    .manifest("T1 no component", .malformed, "target/ or draft/", tensor: "draught/scalar", "draft/scalar", "draught/scalar"),
    .manifest("T1 nothing after", .malformed, "target/ or draft/", tensor: "draft/", "draft/scalar", "draft/"),
    .manifest("T1 space", .malformed, "printable ASCII", "draft/scalar", "draft/a b"),
    .manifest("T1 not ASCII", .malformed, "printable ASCII", "draft/scalar", "draft/ä"),
    .manifest("T1 control", .malformed, "printable ASCII", "draft/scalar", "draft/\\u0000"),
    Violation("T1 long", .unsafe, "has 1025 bytes") { try $0.replace("draft/scalar", "draft/" + String(repeating: "n", count: 1019)) },
    .manifest("T1 null component", .malformed, "belongs to the target, which is null", tensor: "target/x", in: "draft-only.griffin",
      "\"tensors\":[", "\"tensors\":[{\"name\":\"target/x\",\"type\":\"f16\",\"shape\":[1,4],\"payload\":0},"),
    .manifest("T2", .malformed, "two tensors have this name", tensor: "draft/empty", "draft/scalar", "draft/empty"),
    .manifest("T3", .unsupported, "element type \"q9_9\"", tensor: "target/lm_head.weight", "\"q8_0\",\"shape\"", "\"q9_9\",\"shape\""),
    .manifest("T4 negative", .malformed, "is -4, expected 0 or more", "[4,2]", "[-4,-2]"),
    .manifest("T4 fraction", .malformed, "expected an integer", "[4,2]", "[4.5,2]"),
    .manifest("T4 rank", .unsafe, "tensors[0].shape has more than 8", "[4,2]", "[1,1,1,1,1,1,1,4,2]"),
    .manifest("T4 elements", .malformed, "more elements", tensor: "target/model.embed_tokens.weight", "[4,2]", "[9223372036854775807,2]"),
    .manifest("T4 bytes", .malformed, "more bytes", tensor: "target/model.embed_tokens.weight", "[4,2]", "[9223372036854775807]"),
    .manifest("T4 block", .malformed, "whole number of q8_0 blocks", tensor: "target/lm_head.weight", "[2,32]", "[32,2]"),
  ]

  static let payloadViolations: [Violation] = [
    .manifest("P1", .malformed, "payloads[0].offset is 32768, expected 16384", "\"offset\":16384", "\"offset\":32768"),
    .manifest("P1 in the header", .malformed, "payloads[0].offset is 0", "\"offset\":16384", "\"offset\":0"),
    .manifest("P2", .malformed, "payloads[4].offset is 65536, expected 81920", tensor: "target/model.norm.weight",
      "\"offset\":81920", "\"offset\":65536"),
    .manifest("P2 unaligned", .malformed, "payloads[4].offset is 81928", "\"offset\":81920", "\"offset\":81928"),
    .manifest("P2 overflow", .malformed, "payload has 9223372036854775807", "\"bytes\":8", "\"bytes\":9223372036854775807"),
    Violation("P3", .malformed, "end the file at byte 147456, but the header says 163840", offset: 16) { forge in
      forge.set(163_840, at: 16)
      forge.damage.append { $0 += [UInt8](repeating: 0, count: 16384) }
    },
    .manifest("P4 orphan", .malformed, "payloads[8] belongs to no tensor",
      ",{\"name\":\"draft/scalar\",\"type\":\"i64\",\"shape\":[],\"payload\":8}", ""),
    .manifest("P4 both", .malformed, "names payload 8, which is another's", "\"payload\":2}]", "\"payload\":8}]"),
    .manifest("P5 bytes", .malformed, "make 24 bytes, but its payload has 16", tensor: "target/model.embed_tokens.weight", "[4,2]", "[4,3]"),
    .manifest("P5 index", .malformed, "names payload 9, but there are 9", tensor: "draft/scalar", "\"payload\":8", "\"payload\":9"),
    .manifest("P6 type", .malformed, "it shares a payload with target/model.embed_tokens.weight", tensor: "draft/embed_tokens.weight",
      "\"draft/embed_tokens.weight\",\"type\":\"f16\"", "\"draft/embed_tokens.weight\",\"type\":\"bf16\""),
    .manifest("P6 shape", .malformed, "another type or shape", tensor: "draft/embed_tokens.weight",
      "\"draft/embed_tokens.weight\",\"type\":\"f16\",\"shape\":[4,2]", "\"draft/embed_tokens.weight\",\"type\":\"f16\",\"shape\":[2,4]"),
  ]

  static let fileViolations: [Violation] = [
    .manifest("A1 no component", .malformed, "attachments[1].name is \"LICENSE\"", "target/LICENSE", "LICENSE"),
    .manifest("A1 nothing after", .unsafe, "plain file name", "target/LICENSE", "target/"),
    .manifest("A1 parent", .unsafe, "plain file name", "target/LICENSE", "target/.."),
    .manifest("A1 folder", .unsafe, "plain file name", "target/LICENSE", "target/../../etc/passwd"),
    .manifest("A1 backslash", .unsafe, "plain file name", "target/LICENSE", "target/..\\\\x"),
    .manifest("A1 drive", .unsafe, "plain file name", "target/LICENSE", "target/C:x"),
    .manifest("A1 control", .unsafe, "plain file name", "target/LICENSE", "target/a\\u001bb"),
    Violation("A1 long", .unsafe, "plain file name") { try $0.replace("target/LICENSE", "target/" + String(repeating: "n", count: 256)) },
    Violation("A1 null component", .malformed, "attachments[0].name is \"target/x\"", in: "draft-only.griffin") {
      try $0.replace(
        "\"attachments\":[]",
        "\"attachments\":[{\"name\":\"target/x\",\"bytes\":0,\"sha256\":\"\(String(repeating: "0", count: 64))\",\"payload\":0}]")
    },
    .manifest("A2", .malformed, "two attachments are named target/config.json", "target/LICENSE", "target/config.json"),
    Violation("A2 equivalent", .malformed, "two attachments are named") {
      try $0.replace("target/config.json", "target/\u{E9}")
      try $0.replace("target/LICENSE", "target/e\u{301}")
    },
    .manifest("A3", .unsafe, "holds 67108865 bytes", "\"bytes\":42", "\"bytes\":67108865"),
    .manifest("A5 index", .malformed, "target/LICENSE names payload 9", "\"payload\":1}", "\"payload\":9}"),
    .manifest("A5 alone", .malformed, "names payload 0, which is another's", "\"payload\":1}", "\"payload\":0}"),
    .manifest("A5 frame", .unsafe, "more than 68157440 bytes", "\"bytes\":54", "\"bytes\":68157441"),
    .manifest("V1 word", .malformed, "expected \"target\" or \"draft\"", "\"component\":\"draft\"", "\"component\":\"other\""),
    Violation("V1 null component", .malformed, "provenance[0].component is target, which is null", in: "draft-only.griffin") {
      try $0.replace(
        "\"provenance\":[]",
        "\"provenance\":[{\"component\":\"target\",\"file\":\"a\",\"bytes\":0,\"sha256\":\"\(String(repeating: "0", count: 64))\"}]")
    },
    .manifest("V1 path", .unsafe, "provenance[0].file holds \"/tmp/m\"", "\"model.safetensors\"", "\"/tmp/m\""),
    .manifest("V2", .malformed, "provenance names the file model.safetensors twice",
      "\"component\":\"draft\",\"file\":\"pytorch_model.bin\"", "\"component\":\"target\",\"file\":\"model.safetensors\""),
    .manifest("D1 empty", .malformed, "a key is empty", "\"licence\":", "\"\":"),
    .manifest("D1 control", .malformed, "control character", "\"licence\":", "\"a\\nb\":"),
    .manifest("D1 number", .malformed, "metadata.licence: expected a string", "\"Apache-2.0\"", "2"),
    Violation("D1 long key", .malformed, "more than 256 bytes") { try $0.replace("licence", String(repeating: "k", count: 257)) },
    Violation("D1 long value", .malformed, "more than 65536 bytes") { try $0.replace("Apache-2.0", String(repeating: "v", count: 65537)) },
    Violation("limit of tensors", .unsafe, "tensors has more than 262144") {
      let entry = "{\"name\":\"draft/a\",\"type\":\"i8\",\"shape\":[],\"payload\":0},"
      try $0.replace("\"tensors\":[", "\"tensors\":[" + String(repeating: entry, count: 262_144))
    },
    Violation("limit of payloads", .unsafe, "payloads has more than 266240") {
      let entry = "{\"offset\":0,\"bytes\":0,\"sha256\":\"\(String(repeating: "0", count: 64))\"},"
      try $0.replace("\"payloads\":[", "\"payloads\":[" + String(repeating: entry, count: 266_240))
    },
    Violation("limit of attachments", .unsafe, "attachments has more than 4096") {
      let entry = "{\"name\":\"\",\"bytes\":0,\"sha256\":\"\(String(repeating: "0", count: 64))\",\"payload\":0},"
      try $0.replace("\"attachments\":[", "\"attachments\":[" + String(repeating: entry, count: 4096))
    },
    Violation("limit of provenance", .unsafe, "provenance has more than 65536") {
      let entry = "{\"component\":\"draft\",\"file\":\"\",\"bytes\":0,\"sha256\":\"\(String(repeating: "0", count: 64))\"},"
      try $0.replace("\"provenance\":[", "\"provenance\":[" + String(repeating: entry, count: 65_536))
    },
    Violation("limit of metadata", .unsafe, "metadata has more than 4096") {
      try $0.replace("\"metadata\":{", "\"metadata\":{" + (0..<4096).map { "\"k\($0)\":\"\"," }.joined())
    },
  ]
}
