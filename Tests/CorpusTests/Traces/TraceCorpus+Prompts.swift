import ByteStorage

extension TraceCorpus {
  /// A file of prompts.
  private static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ bytes: @escaping @Sendable () -> [UInt8]
  ) -> HostileCase {
    HostileCase(
      "prompts-\(name)", rule: Rule("tokenizers.md", words), kind: kind, mentions: ["prompts.jsonl", mention],
      arguments: ["generate", "pair.griffin", "--prompts", "prompts.jsonl", "--max-new-tokens", "1"]
    ) { folder in
      try folder.write(TinyBundle.pair(), to: "pair.griffin")
      try folder.write(bytes(), to: "prompts.jsonl")
    }
  }

  private static func line(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ text: String
  ) -> HostileCase { refuse(name, words, kind, mention) { Array(text.utf8) } }

  private static let lines = "JSON lines with `prompt_ids`, `prompt`, `question` or `turns`"
  private static let file = "A file of at most 64 MiB with at least one prompt and at most 1,000,000"

  static let prompts: [HostileCase] = [
    line("empty", file, .malformed, "no prompts", ""),
    line("blank", file, .malformed, "no prompts", "\n \n\t\n"),
    line("not-json", lines, .malformed, "byte", "{prompt: hello}\n"),
    line("second-line-not-json", lines, .malformed, "byte 23", "{\"prompt_ids\":[1,2,3]}\n]\n"),
    line("second-line-no-object", lines, .malformed, "line 2", "{\"prompt_ids\":[1,2,3]}\n[1]\n"),
    line("cut-off", lines, .malformed, "end of the text", "{\"prompt_ids\":[1,2"),
    line("two-objects-a-line", lines, .malformed, "after the end", "{\"prompt_ids\":[1]}{\"prompt_ids\":[2]}\n"),
    line("of-nothing-known", lines, .malformed, "line 1", "{\"text\":\"hello\"}\n"),
    line("ids-empty", lines, .malformed, "prompt_ids", "{\"prompt_ids\":[]}\n"),
    line("ids-text", lines, .malformed, "prompt_ids", "{\"prompt_ids\":[\"a\"]}\n"),
    line("ids-negative", lines, .malformed, "prompt_ids", "{\"prompt_ids\":[1,-1]}\n"),
    line("ids-a-number", lines, .malformed, "prompt_ids", "{\"prompt_ids\":1}\n"),
    line("turns-of-numbers", lines, .malformed, "turns", "{\"turns\":[1,2]}\n"),
    line("turns-empty", lines, .malformed, "turns is empty", "{\"turns\":[]}\n"),
    line("key-twice", lines, .malformed, "duplicate key", "{\"prompt\":\"a\",\"prompt\":\"b\"}\n"),
    refuse("not-utf-8", file, .malformed, "line 2") { Array("a\n".utf8) + [0xFF, 0xFE, 0x0A] },
    refuse("utf-16", file, .malformed, "UTF-8") { [0xFF, 0xFE] + "hello\n".utf16.flatMap { [UInt8($0), 0] } },
    refuse("gzip", file, .unsupported, "compressed") { [0x1F, 0x8B, 8, 0] },
    refuse("zstd", file, .unsupported, "compressed") { [0x28, 0xB5, 0x2F, 0xFD, 0] },
    refuse("larger-than-its-limit", file, .unsafe, "67108864") { [UInt8](repeating: 0x61, count: (64 << 20) + 1) },
    refuse("too-many", file, .unsafe, "1000000") { (0..<2_000_002).map { $0 & 1 == 0 ? 0x61 : 0x0A } },
    refuse("nesting-bomb", lines, .unsafe, "nested deeper") { Array(("{\"a\":" + String(repeating: "[", count: 1 << 20)).utf8) },
  ]
}
