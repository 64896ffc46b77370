import ByteStorage
import TestSupport

extension BundleCorpus {
  private static let json = "M2. It is one JSON object"
  private static let members = "M3. Every member of the tables below MUST be there"
  private static let limits = "| manifest | 64 MiB, 32 levels, 8388608 values, strings of 16 MiB |"

  /// A whole manifest of another text.
  private static func whole(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ text: @escaping @Sendable (String) -> String
  ) -> HostileCase { refuse("manifest-\(name)", words, kind, mention) { $0.manifest = text($0.manifest) } }

  static let manifests: [HostileCase] =
    [
      whole("empty-text", json, .malformed, "end of the text") { _ in "" },
      whole("a-list", json, .malformed, "object") { "[\($0)]" },
      whole("binary", json, .malformed, "byte 128") { _ in "\u{1}\u{2}\u{3}" },
      whole("cut-off", json, .malformed, "end of the text") { String($0.dropLast(1)) },
      whole("and-more", json, .malformed, "after the end") { $0 + "{}" },
      whole("byte-order-mark", json, .malformed, "byte 128") { "\u{FEFF}" + $0 },
      whole("key-twice", json, .malformed, "duplicate key") { #"{"version":1,"# + $0.dropFirst() },
      whole("key-twice-by-escape", json, .malformed, "duplicate key") { #"{"\u0076ersion":1,"# + $0.dropFirst() },
      whole("surrogate", json, .malformed, "surrogate") { #"{"a":"\udfff","# + $0.dropFirst() },
      whole("number-beyond", json, .malformed, "floating point") { #"{"a":1e999,"# + $0.dropFirst() },
      whole("nested-too-deep", limits, .unsafe, "nested deeper than 32") {
        "{\"a\":\(String(repeating: "[", count: 32))," + $0.dropFirst()
      },
      whole("nesting-bomb", limits, .unsafe, "nested deeper than 32") { _ in String(repeating: #"{"target":"#, count: 1 << 20) },
      whole("value-bomb", limits, .unsafe, "values") { "{\"a\":[\(String(repeating: "0,", count: 8 << 20))0]," + $0.dropFirst() },
      whole("string-bomb", limits, .unsafe, "string") {
        "{\"a\":\"\(String(repeating: "a", count: (16 << 20) + 1))\"," + $0.dropFirst()
      },
      text("format-other", "M4. MUST be `griffin-bundle`", .malformed, "format", "griffin-bundle", "griffin-trace"),
      text(
        "manifest-version-2", "M4. MUST be the header's version", .malformed, "version is 2", "\"version\":1", "\"version\":2"),
      text("count-negative", members, .malformed, "-74", "\"parameters\":74", "\"parameters\":-74"),
      text("count-beyond-63-bits", members, .malformed, "integer", "\"parameters\":74", "\"parameters\":9223372036854775808"),
      text("count-fraction", members, .malformed, "integer", "\"parameters\":74", "\"parameters\":74.5"),
      text("count-text", members, .malformed, "integer", "\"parameters\":74", "\"parameters\":\"74\""),
      text(
        "target-a-text", members, .malformed, "object or null", "\"target\":{\"family\"",
        "\"target\":\"llama\",\"other\":{\"family\""),
      text("digest-short", members, .malformed, "64 lower-case", "69114c77", "69114c7"),
      text("digest-in-capitals", members, .malformed, "64 lower-case", "69114c77", "69114C77"),
    ]
    + [
      "format", "version", "recipe", "target", "draft", "tensors", "payloads", "attachments", "provenance", "metadata", "family",
      "config", "parameters",
      "kind", "embedding", "shape", "payload", "offset", "sha256",
    ].map { member in
      // A member of an unknown name is ignored, so that renaming one takes it away.
      text("without-\(member)", members, .malformed, "\(member) is missing", "\"\(member)\":", "\"other \(member)\":")
    }

  /// An entry of an importance matrix.
  private static let matrix =
    "{\"component\":\"target\",\"file\":\"m.gguf\",\"bytes\":9,\"sha256\":\"\(String(repeating: "a", count: 64))\",\"texts\":[\"\(String(repeating: "b", count: 64))\"]}"

  /// A bundle with one entry of an importance matrix, changed.
  private static func matrix(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ old: String, _ new: String
  ) -> HostileCase {
    let entry = matrix.replacing(old, with: new)
    return text("importance-\(name)", words, kind, mention, "\"metadata\":{", "\"importance\":[\(entry)],\"metadata\":{")
  }

  static let components: [HostileCase] = [
    text(
      "recipe-of-nothing", "C2. `recipe` has the members `target` and `draft`", .malformed, "recipe.draft", "\"draft\":\"copy\"",
      "\"draft\":null"),
    text("family-empty", "C3. Names of recipes, families and kinds", .malformed, "target.family", "\"llama\"", "\"\""),
    text(
      "family-with-a-space", "C3. Names of recipes, families and kinds", .malformed, "target.family", "\"llama\"", "\"lla ma\""),
    text(
      "family-with-an-escape", "C3. Names of recipes, families and kinds", .malformed, "target.family", "\"llama\"",
      "\"lla\\u001b[2Jma\""),
    refuse("kind-of-a-megabyte", "C3. Names of recipes, families and kinds", .malformed, "draft.kind") {
      try $0.replace("\"kind\":\"griffin\"", "\"kind\":\"\(String(repeating: "g", count: 1 << 20))\"")
    },
    text(
      "embedding-word", "C5. `embedding` MUST be one of these pairs", .malformed, "draft.embedding", "\"identical\"", "\"alike\""),
    text(
      "embedding-pair", "C5. `embedding` MUST be one of these pairs", .malformed, "draft.embedding", "\"rows_different\":0",
      "\"rows_different\":3"),
    text("embedding-rows-negative", members, .malformed, "rows_different", "\"rows_different\":0", "\"rows_different\":-1"),
    text(
      "provenance-path", "V1. A plain file name", .unsafe, "provenance[0]", "\"file\":\"model.safetensors\"",
      "\"file\":\"../model.safetensors\""),
    text(
      "provenance-twice", "V2. No two of one component are equal", .malformed, "twice",
      "\"component\":\"draft\",\"file\":\"pytorch_model.bin\"", "\"component\":\"target\",\"file\":\"model.safetensors\""),
    text(
      "provenance-of-nobody", "V1. `target` or `draft`", .malformed, "component", "\"component\":\"draft\"",
      "\"component\":\"both\""),
    matrix("of-nobody", "W1. `target` or `draft`", .malformed, "importance[0].component", "\"component\":\"target\"", "\"component\":\"both\""),
    matrix("path", "W1. A plain file name", .unsafe, "importance[0].file", "m.gguf", "../m.gguf"),
    matrix("digest-short", members, .malformed, "importance[0].sha256", String(repeating: "a", count: 64), "aa"),
    matrix("text-that-is-no-digest", "W1. Digests", .malformed, "importance[0].texts[0]", String(repeating: "b", count: 64), "text"),
    matrix("without-its-digest", members, .malformed, "importance[0].sha256 is missing", "\"sha256\":", "\"other\":"),
    refuse("importance-of-257", "| importance matrices; texts of one | 256; 4096 |", .unsafe, "256") {
      try $0.replace("\"metadata\":{", "\"importance\":[\((0..<257).map { _ in matrix }.joined(separator: ","))],\"metadata\":{")
    },
    text("metadata-number", "D1. An object whose values are strings", .malformed, "metadata.licence", "\"Apache-2.0\"", "2"),
    text(
      "metadata-key-control", "D1. An object whose values are strings", .malformed, "control character", "\"licence\"",
      "\"li\\u0007cence\""),
    refuse("metadata-of-4097", "| attachments; provenance; metadata entries | 4096; 65536; 4096 |", .unsafe, "4096") {
      try $0.replace("\"metadata\":{", "\"metadata\":{" + (0..<4096).map { "\"k\($0)\":\"\"," }.joined())
    },
    refuse("metadata-key-of-a-megabyte", "D1. An object whose values are strings", .malformed, "256 bytes") {
      try $0.replace("\"licence\"", "\"\(String(repeating: "k", count: 1 << 20))\"")
    },
  ]
}
