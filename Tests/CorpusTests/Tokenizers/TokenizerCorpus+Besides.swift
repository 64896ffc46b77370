import ByteStorage
import TestSupport

extension TokenizerCorpus {
  /// A target with a sound tokenizer.json and another file beside it.
  private static func beside(
    _ file: String, _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    _ text: @escaping @Sendable () -> String
  ) -> HostileCase {
    HostileCase(
      "\(file.prefix { $0 != "." }.replacing("_", with: "-"))-\(name)", rule: Rule(page, words), kind: kind, mentions: [mention]
    ) { folder in
      try folder.writeTokenizer()
      try folder.write(text(), to: "target/\(file)")
    }
  }

  private static let json = "JSON that breaks the rules of all JSON read here"
  private static let config = "tokenizer_config.json", special = "special_tokens_map.json", listed = "added_tokens.json"
  private static let decoder = "A number of 0 or more as its key and a content"

  static let besides: [HostileCase] = [
    beside(config, "not-json", json, .malformed, config) { "add_bos_token: true" },
    beside(config, "a-list", json, .malformed, "object") { "[]" },
    beside(config, "cut-off", json, .malformed, config) { #"{"add_bos_token":tr"# },
    beside(config, "key-twice", json, .malformed, "duplicate key") { #"{"bos_token":"<s>","bos_token":"</s>"}"# },
    beside(config, "nesting-bomb", json, .unsafe, "nested deeper") { #"{"a":"# + String(repeating: "[", count: 1 << 20) },
    beside(config, "larger-than-its-limit", json, .unsafe, "16777216") { "{}" + String(repeating: " ", count: 16 << 20) },
    beside(config, "added-id-text", decoder, .malformed, "added_tokens_decoder") {
      #"{"added_tokens_decoder":{"one":{"content":"<s>"}}}"#
    },
    beside(config, "added-id-negative", decoder, .malformed, "added_tokens_decoder") {
      #"{"added_tokens_decoder":{"-1":{"content":"<s>"}}}"#
    },
    beside(config, "added-id-beyond-64-bits", decoder, .malformed, "added_tokens_decoder") {
      #"{"added_tokens_decoder":{"99999999999999999999":{"content":"<s>"}}}"#
    },
    beside(config, "added-without-content", decoder, .malformed, "added_tokens_decoder") {
      #"{"added_tokens_decoder":{"1":{}}}"#
    },
    beside(config, "added-a-text", decoder, .malformed, "added_tokens_decoder") { #"{"added_tokens_decoder":{"1":"<s>"}}"# },
    beside(config, "added-of-another-content", "one id with two contents", .inconsistent, "id 1") {
      #"{"added_tokens_decoder":{"1":{"content":"<t>"}}}"#
    },
    beside(config, "added-over-a-piece", "one id with two contents", .inconsistent, "id 4") {
      #"{"added_tokens_decoder":{"4":{"content":"<t>"}}}"#
    },
    beside(config, "added-after-a-hole", "ids that do not run from 0", .inconsistent, "holes") {
      #"{"added_tokens_decoder":{"99":{"content":"<t>"}}}"#
    },
    beside(special, "not-json", json, .malformed, special) { "{'bos_token': '<s>'}" },
    beside(special, "a-list", json, .malformed, "object") { "[]" },
    beside(listed, "id-text", decoder, .malformed, listed) { #"{"<t>":"32"}"# },
    beside(listed, "id-negative", decoder, .malformed, listed) { #"{"<t>":-5}"# },
    beside(listed, "after-a-hole", "ids that do not run from 0", .inconsistent, "holes") { #"{"<t>":1000000}"# },
    beside(listed, "a-list", json, .malformed, "object") { #"["<t>"]"# },
    beside(listed, "half-a-million-of-one-id", "ids that do not run from 0", .inconsistent, "tokenizer") {
      "{" + (0..<500_000).map { "\"<\($0)>\":\($0 + 33)" }.joined(separator: ",") + "}"
    },
    HostileCase(
      "generation-config-not-json", rule: Rule("checkpoint-folders.md", "`generation_config.json tokenizer.json"),
      mentions: ["generation_config.json"]
    ) { folder in
      try folder.writeTarget()
      try folder.write("eos_token_id = 2", to: "target/generation_config.json")
    },
    HostileCase(
      "generation-config-a-list", rule: Rule("checkpoint-folders.md", "`generation_config.json tokenizer.json"),
      mentions: ["generation_config.json", "object"]
    ) { folder in
      try folder.writeTarget()
      try folder.write("[2]", to: "target/generation_config.json")
    },
    HostileCase(
      "generation-config-end-token-text", rule: Rule("families.md", "an id or a list"),
      mentions: ["generation_config.json", "eos_token_id"]
    ) { folder in
      try folder.writeTarget()
      try folder.write(#"{"eos_token_id":["</s>"]}"#, to: "target/generation_config.json")
    },
    HostileCase(
      "generation-config-end-tokens-many", rule: Rule("families.md", "at most 1024"), kind: .unsafe,
      mentions: ["generation_config.json", "eos_token_id"]
    ) { folder in
      try folder.writeTarget()
      try folder.write(
        "{\"eos_token_id\":[\((0..<200_000).map(String.init).joined(separator: ","))]}", to: "target/generation_config.json")
    },
    HostileCase(
      "generation-config-nesting-bomb", rule: Rule("checkpoint-folders.md", "`generation_config.json tokenizer.json"),
      kind: .unsafe, mentions: ["generation_config.json", "nested"]
    ) { folder in
      try folder.writeTarget()
      try folder.write(String(repeating: #"{"a":"#, count: 100_000), to: "target/generation_config.json")
    },
  ]
}
