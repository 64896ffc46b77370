import ByteStorage
import TestSupport

/// `formats/tokenizers.md`: tokenizer.json, tokenizer.model, what lies beside them, and chat templates.
enum TokenizerCorpus {
  static let hostile = documents + vocabularies + merges + added + steps + models + besides
  static let page = "tokenizers.md"

  /// A target whose tokenizer.json was changed.
  static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind = .malformed, _ mentions: String...,
    change: @escaping @Sendable (inout TinyTokenizer) -> Void
  ) -> HostileCase {
    HostileCase("tokenizer-\(name)", rule: Rule(page, words), kind: kind, mentions: ["tokenizer.json"] + mentions) { folder in
      try folder.writeTokenizer(change)
    }
  }

  private static func text(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ text: @escaping @Sendable (String) -> String
  ) -> HostileCase {
    refuse(name, words, kind, mention) { $0.text = Array(text(String(decoding: TinyTokenizer().bytes, as: UTF8.self)).utf8) }
  }

  private static let json = "JSON that breaks the rules of all JSON read here"

  static let documents: [HostileCase] = [
    text("empty", json, .malformed, "end of the text") { _ in "" },
    text("not-json", json, .malformed, "byte 0") { _ in "vocab" },
    text("a-list", json, .malformed, "object") { "[\($0)]" },
    text("cut-off", json, .malformed, "byte") { String($0.dropLast(300)) },
    text("and-more", json, .malformed, "after the end") { $0 + $0 },
    text("member-twice", json, .malformed, "duplicate key \"version\"") { #"{"version":"1.0","# + $0.dropFirst() },
    text("model-twice", json, .malformed, "duplicate key \"model\"") {
      #"{"model":{"vocab":{"a":0},"merges":[]},"# + $0.dropFirst()
    },
    text("nested-too-deep", json, .unsafe, "nested deeper than 64") { "{\"a\":" + String(repeating: "[", count: 64) + $0 },
    text("nesting-bomb", json, .unsafe, "nested deeper") { "{\"a\":" + String(repeating: "[", count: 1 << 20) + $0 },
    text("string-bomb", json, .unsafe, "string") {
      "{\"a\":\"" + String(repeating: "a", count: (16 << 20) + 1) + "\"," + $0.dropFirst()
    },
    text("without-a-model", "ids that do not run from 0", .malformed, "vocabulary is empty") { _ in
      #"{"version":"1.0","added_tokens":[]}"#
    },
    text("model-a-list", json, .malformed, "model") { _ in #"{"model":[]}"# },
    text("model-null", json, .malformed, "model") { _ in #"{"model":null}"# },
    HostileCase(
      "tokenizer-a-git-lfs-pointer", rule: Rule("checkpoint-folders.md", "A Git LFS pointer"),
      mentions: ["tokenizer.json", "LFS"]
    ) { folder in
      try folder.writeTokenizer { $0.text = Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n".utf8) }
    },
    refuse("not-utf-8", json, .malformed, "UTF-8") {
      $0.text = Array(#"{"model":{"vocab":{""#.utf8) + [0xFF, 0xFE] + Array(#"":0}}}"#.utf8)
    },
    refuse("half-a-surrogate", json, .malformed, "surrogate") {
      $0.text = Array(#"{"model":{"vocab":{"\udc00":0},"merges":[]}}"#.utf8)
    },
    HostileCase(
      "tokenizer-larger-than-its-limit", rule: Rule(page, "sizes: 64 MiB"), kind: .unsafe,
      mentions: ["tokenizer.json", "67108864"]
    ) { folder in
      try folder.writeTokenizer { $0.text = $0.bytes + [UInt8](repeating: 0x20, count: 64 << 20) }
    },
  ]

  private static let ids = "ids that do not run from 0 without holes and duplicates"

  static let vocabularies: [HostileCase] = [
    refuse("vocabulary-empty", ids, .malformed, "model.vocab") { $0.vocabulary = [] },
    refuse("vocabulary-null", json, .malformed, "model.vocab") { $0.text = Array(#"{"model":{"vocab":null,"merges":[]}}"#.utf8) },
    refuse("vocabulary-a-number", json, .malformed, "model.vocab") {
      $0.text = Array(#"{"model":{"vocab":7,"merges":[]}}"#.utf8)
    },
    refuse("id-hole", ids, .malformed, "32", "holes") { $0.setID("e", 32) },
    refuse("id-twice", ids, .malformed, "id 12 is there twice") { $0.setID("e", 12) },
    refuse("id-negative", ids, .malformed, "-1") { $0.setID("e", -1) },
    refuse("id-text", ids, .malformed, "integer") { $0.setID("e", "11") },
    refuse("id-fraction", ids, .malformed, "integer") { $0.setID("e", 11.5) },
    refuse("id-null", ids, .malformed, "integer") { $0.setID("e", .null) },
    refuse("id-of-63-bits", ids, .malformed, "9223372036854775807") { $0.setID("e", .integer(.max)) },
    refuse("id-beyond-64-bits", ids, .malformed, "integer") { $0.setID("e", 1e30) },
    refuse("piece-twice", json, .malformed, "duplicate key") { $0.vocabulary.append(("e", 32)) },
    refuse("piece-of-4097-bytes", "a piece of more than 4096 bytes", .unsafe, "4097 bytes") {
      $0.vocabulary.append((String(repeating: "x", count: 4097), 32))
    },
    refuse("piece-of-a-megabyte", "a piece of more than 4096 bytes", .unsafe, "1048576 bytes") {
      $0.vocabulary.append((String(repeating: "x", count: 1 << 20), 32))
    },
    refuse("unknown-token-not-there", "an `unk_token` that is not there", .inconsistent, "<what>") {
      $0.model["unk_token"] = "<what>"
    },
    refuse("too-many-pieces", "more than 1 Mi pieces", .unsafe, "1048576") { tokenizer in
      tokenizer.text =
        Array(#"{"model":{"vocab":{"#.utf8) + (0...1 << 20).flatMap { Array("\"\($0)\":\($0),".utf8) }
        + Array(#""x":0},"merges":[]}}"#.utf8)
    },
  ]

  private static let merge = "merges that name or make a piece that is not there"

  static let merges: [HostileCase] = [
    refuse("merge-of-no-piece", merge, .malformed, "merge 3", "qqq") { $0.merges.append("a qqq") },
    refuse("merge-into-no-piece", merge, .malformed, "merge 3", "\"ba\"") { $0.merges.append("b a") },
    refuse("merge-of-one", "merges are `\"a b\"` or `[\"a\", \"b\"]`", .malformed, "merge 3") { $0.merges.append("ab") },
    refuse("merge-of-three", "merges are `\"a b\"` or `[\"a\", \"b\"]`", .malformed, "merge 3") { $0.merges.append("a b c") },
    refuse("merge-empty", "merges are `\"a b\"` or `[\"a\", \"b\"]`", .malformed, "merge 3") { $0.merges.append("") },
    refuse("merge-list-of-one", "merges are `\"a b\"` or `[\"a\", \"b\"]`", .malformed, "fewer than two") {
      $0.merges.append(["a"])
    },
    refuse("merge-list-of-three", "merges are `\"a b\"` or `[\"a\", \"b\"]`", .malformed, "more than two") {
      $0.merges.append(["a", "b", "c"])
    },
    refuse("merge-list-of-numbers", "merges are `\"a b\"` or `[\"a\", \"b\"]`", .malformed, "merge 3") {
      $0.merges.append([4, 5])
    },
    refuse("merge-a-number", "merges are `\"a b\"` or `[\"a\", \"b\"]`", .malformed, "merge 3") { $0.merges.append(3) },
    refuse("merges-an-object", "merges are `\"a b\"` or `[\"a\", \"b\"]`", .malformed, "model.merges") { tokenizer in
      tokenizer.text = Array(#"{"model":{"vocab":{"a":0},"merges":{"a":"b"}}}"#.utf8)
    },
    refuse("merges-too-many", "more than 1 Mi pieces or 2 Mi merges", .unsafe, "2097152") { tokenizer in
      let one = Array(#""a b","#.utf8)
      var text = Array(#"{"model":{"vocab":{"a":0,"b":1,"ab":2},"merges":["#.utf8)
      text.reserveCapacity(text.count + ((2 << 20) + 1) * one.count)
      for _ in 0...2 << 20 { text += one }
      tokenizer.text = text + Array(#""a b"]}}"#.utf8)
    },
  ]
}
