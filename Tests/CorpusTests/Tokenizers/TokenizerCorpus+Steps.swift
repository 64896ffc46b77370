import ByteStorage

extension TokenizerCorpus {
  private static let ids = "ids that do not run from 0 without holes and duplicates"
  private static let shape = "an added token without an id of 0 or more and a content"

  static let added: [HostileCase] = [
    refuse("added-overlaps-the-vocabulary", ids, .malformed, "id 4 is there twice") {
      $0.added.append(TinyTokenizer.token(4, "<mine>"))
    },
    refuse("added-with-another-id", "two ids for one token", .inconsistent, "<s>", "id 7") {
      $0.added[1] = TinyTokenizer.token(7, "<s>")
    },
    refuse("added-twice", "two ids for one token", .inconsistent, "<x>") {
      $0.added += [TinyTokenizer.token(32, "<x>"), TinyTokenizer.token(33, "<x>")]
    },
    refuse("added-after-a-hole", ids, .malformed, "holes") { $0.added.append(TinyTokenizer.token(40, "<x>")) },
    refuse("added-id-negative", shape, .malformed, "added token 3") { $0.added.append(TinyTokenizer.token(-1, "<x>")) },
    refuse("added-id-text", shape, .malformed, "added token 3") { $0.added.append(TinyTokenizer.token("32", "<x>")) },
    refuse("added-id-of-63-bits", ids, .malformed, "9223372036854775807") {
      $0.added.append(TinyTokenizer.token(.integer(.max), "<x>"))
    },
    refuse("added-without-an-id", shape, .malformed, "added token 3") { $0.added.append(["content": "<x>"]) },
    refuse("added-without-content", shape, .malformed, "added token 3") { $0.added.append(["id": 32]) },
    refuse("added-of-no-bytes", shape, .malformed, "added token 3") { $0.added.append(TinyTokenizer.token(32, "")) },
    refuse("added-a-text", shape, .malformed, "added token 3") { $0.added.append("<x>") },
    refuse("added-no-list", "JSON that breaks the rules", .malformed, "added_tokens") {
      $0.text = Array(#"{"added_tokens":{},"model":{}}"#.utf8)
    },
    refuse("added-of-4097-bytes", "one of more than 4096 bytes", .unsafe, "4097 bytes") {
      $0.added.append(TinyTokenizer.token(32, .string(String(repeating: "x", count: 4097))))
    },
    refuse("added-too-many", "more than 65,536 added tokens", .unsafe, "65536 added tokens") { tokenizer in
      for id in 0...(1 << 16) { tokenizer.added.append(TinyTokenizer.token(.integer(32 + id), .string("<\(id)>"))) }
    },
    refuse("added-of-too-many-bytes", "all of them of more than 1 MiB", .unsafe, "added tokens") { tokenizer in
      for id in 32..<432 {
        let text = String(UnicodeScalar(UInt32(0x4E00 + id)).map(Character.init) ?? "x")
        tokenizer.added.append(TinyTokenizer.token(.integer(id), .string(String(repeating: text, count: 1000))))
      }
    },
  ]

  private static let lengthens = "lengthen a text more than 64 times"

  static let steps: [HostileCase] = [
    refuse("template-of-a-token-without-ids", "a template that names a token without ids", .malformed, "post_processor") {
      $0.steps["post_processor"] = TinyTokenizer.template([["SpecialToken": ["id": "<x>"]]])
    },
    refuse("template-of-text-ids", "a template that names a token without ids", .malformed, "post_processor") {
      $0.steps["post_processor"] = TinyTokenizer.template([["SpecialToken": ["id": "<s>"]]], ids: ["1"])
    },
    refuse("template-id-beyond", "a token around a text that is not there", .inconsistent, "id 1000") {
      $0.steps["post_processor"] = TinyTokenizer.template([["SpecialToken": ["id": "<s>"]]], ids: [1000])
    },
    refuse("template-id-negative", "a token around a text that is not there", .inconsistent, "id -1") {
      $0.steps["post_processor"] = TinyTokenizer.template([["SpecialToken": ["id": "<s>"]]], ids: [-1])
    },
    refuse("template-bomb", "more than 256 tokens around a text", .unsafe, "post_processor", "256") {
      let ids = JSONValue.array([JSONValue](repeating: 1, count: 30_000))
      let part: JSONValue = ["SpecialToken": ["id": "<s>"]]
      $0.steps["post_processor"] = TinyTokenizer.template(.array([JSONValue](repeating: part, count: 6000)), ids: ids)
    },
    refuse("normalizer-bomb", lengthens, .unsafe, "normalizer", "64") { tokenizer in
      let step: JSONValue = [
        "type": "Replace", "pattern": ["String": "a"], "content": .string(String(repeating: "a", count: 60_000)),
      ]
      tokenizer.steps["normalizer"] = ["type": "Sequence", "normalizers": [step, step, step]]
      tokenizer.added.append(TinyTokenizer.token(32, "a<x>", ["special": false, "normalized": true]))
    },
    refuse("normalizer-bomb-of-small-steps", lengthens, .unsafe, "normalizer", "64") { tokenizer in
      let step: JSONValue = ["type": "Replace", "pattern": ["String": "a"], "content": "aa"]
      tokenizer.steps["normalizer"] = ["type": "Sequence", "normalizers": .array([JSONValue](repeating: step, count: 40))]
      tokenizer.added.append(TinyTokenizer.token(32, "a<x>", ["special": false, "normalized": true]))
    },
    refuse("prepending-bomb", lengthens, .unsafe, "normalizer") { tokenizer in
      tokenizer.steps["normalizer"] = ["type": "Prepend", "prepend": .string(String(repeating: "a", count: 60_000))]
    },
    refuse("metaspace-bomb", lengthens, .unsafe, "Metaspace") { tokenizer in
      tokenizer.steps["normalizer"] = .null
      tokenizer.steps["pre_tokenizer"] = ["type": "Metaspace", "replacement": .string(String(repeating: "_", count: 60_000))]
    },
    refuse("expression-too-long", "Expressions have at most 16,384 bytes", .unsafe, "pre_tokenizer", "16384") {
      $0.split(by: String(repeating: "a", count: 20_000))
    },
    refuse("expression-nested-too-deep", "nest at most 32 deep", .unsafe, "pre_tokenizer", "32 deep") {
      $0.split(by: String(repeating: "(", count: 4000) + "a" + String(repeating: ")", count: 4000))
    },
    refuse("expression-bomb", "become at most 16,384 instructions", .unsafe, "pre_tokenizer", "instructions") {
      $0.split(by: "(((ab{500}){500}){500}){500}")
    },
    refuse("expression-that-is-none", "one that is none is malformed", .malformed, "pre_tokenizer", "without its") {
      $0.split(by: "(a")
    },
    refuse("steps-too-many", "more than 64 steps", .unsafe, "normalizer", "64") { tokenizer in
      tokenizer.steps["normalizer"] = [
        "type": "Sequence", "normalizers": .array([JSONValue](repeating: ["type": "NFC"], count: 20_000)),
      ]
    },
    refuse("step-bomb", "a step of more than 1 MiB", .unsafe, "tokenizer.json") {
      $0.steps["decoder"] = ["type": "Sequence", "decoders": .array([JSONValue](repeating: .null, count: 300_000))]
    },
    refuse("step-nested-too-deep", "a step of more than 1 MiB", .unsafe, "nested deeper than 32") { tokenizer in
      var step: JSONValue = ["type": "NFC"]
      for _ in 0..<20 { step = ["type": "Sequence", "normalizers": [step]] }
      tokenizer.steps["normalizer"] = step
    },
  ]
}
