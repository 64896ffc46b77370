import ByteStorage
import TestSupport

/// `formats/tree.md`.
enum TreeCorpus {
  private static let page = "tree.md"

  static let hostile: [HostileCase] = [
    text("not-json", "a JSON document", .malformed, "JSON") { Array("tree".utf8) },
    text("too-large", "at most 64 KiB", .unsafe, "65536") { [UInt8](repeating: UInt8(ascii: " "), count: 1 << 17) + Array("{}".utf8) },
    text("too-deep", "8 deep", .unsafe, "deeper than 8") { Array((String(repeating: "[", count: 64) + String(repeating: "]", count: 64)).utf8) },
    refuse("of-another-format", "MUST be `griffin-tree`", .malformed, "griffin-tree") { $0["format"] = "griffin-trace" },
    refuse("of-another-version", "readers refuse others", .unsupported, "version 1") { $0["version"] = 2 },
    refuse("without-nodes", "nodes of a tree with its root", .malformed, "total_tokens") { $0["total_tokens"] = 0 },
    refuse("with-too-many-nodes", "nodes of a tree with its root", .malformed, "total_tokens") { $0["total_tokens"] = 1_000_000_000 },
    refuse("too-deep-a-tree", "draft passes after the first, 0 to 64", .malformed, "depth") { $0["depth"] = 65 },
    refuse("with-half-a-beam", "beams of a pass", .malformed, "top_k") { $0["top_k"] = 0.5 },
    refuse("without-a-bundle", "the bundle that the tree was chosen for", .malformed, "digest") { $0["digest"] = nil },
  ]

  private static func text(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ text: @escaping @Sendable () -> [UInt8]
  ) -> HostileCase {
    HostileCase(
      "tree-\(name)", rule: Rule(page, words), kind: kind, mentions: ["t.json", mention],
      arguments: ["verify", "pair.griffin", "--tree", "t.json"]
    ) { folder in
      try folder.write(TinyBundle.pair(), to: "pair.griffin")
      try folder.write(text(), to: "t.json")
    }
  }

  private static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    change: @escaping @Sendable (inout JSONObject) -> Void
  ) -> HostileCase {
    text(name, words, kind, mention) {
      var tree: JSONObject = [
        "format": "griffin-tree", "version": 1, "digest": "ab", "total_tokens": 8, "depth": 2, "top_k": 2, "measured_speedup": 1.5,
      ]
      change(&tree)
      return Array(JSONValue.object(tree).encoded().utf8)
    }
  }
}
