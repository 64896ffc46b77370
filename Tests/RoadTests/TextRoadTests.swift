import Foundation
import TestSupport
import Testing

/// Text in, text out, as a user types it.
struct TextRoadTests {
  private static let prompt = "Tell me a story about a brave fox and a owl."

  /// Converts a golden pair into `folder`.
  private func bundle(_ golden: String, in folder: TemporaryFolder) throws -> String {
    let bundle = folder["\(golden).griffin"]
    let path = try Fixtures.golden(golden)
    let outcome = try Program.run(["convert", "--target", "\(path)/target", "--draft", "\(path)/draft", "-o", bundle])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return bundle
  }

  private func ids(_ arguments: [String]) throws -> [Int] {
    let outcome = try Program.run(["tokenize", "--json"] + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try #require(try outcome.json["ids"] as? [Int])
  }

  /// The rows that Hugging Face made of the same tokenizers.
  private func rows(_ golden: String) throws -> [[String: Any]] {
    let data = try Data(contentsOf: URL(filePath: Fixtures.golden(golden) + "/debug/tokenizer_golden.json"))
    let document = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    return try #require(document?["rows"] as? [[String: Any]])
  }

  @Test(arguments: ["llama2-tiny", "qwen2-tiny", "vicuna-tiny"]) func tokenizesAsHuggingFaceDoes(golden: String) throws {
    let folder = try TemporaryFolder()
    let bundle = try bundle(golden, in: folder)
    for row in try rows(golden) {
      let text = try #require(row["text"] as? String)
      // No program is given a zero byte.
      guard !text.contains("\0") else { continue }
      #expect(try ids([bundle, "--", text]) == row["ids"] as? [Int])
      #expect(try ids([bundle, "--no-special-tokens", "--", text]) == row["ids_no_special"] as? [Int])
      guard let list = row["ids"] as? [Int], !list.isEmpty else { continue }
      let written = list.map(String.init).joined(separator: ",")
      #expect(
        try Program.run(["tokenize", bundle, "--decode", written, "--json"]).json["text"] as? String == row["decoded"] as? String)
      let plain = try Program.run(["tokenize", bundle, "--decode", written, "--no-special-tokens", "--json"])
      #expect(try plain.json["text"] as? String == row["decoded_skip_special"] as? String)
    }
    let shown = try Program.run(["tokenize", bundle, "Once upon a"])
    let again = try Program.run([
      "tokenize", bundle, "--decode", shown.output.trimmingCharacters(in: .newlines), "--no-special-tokens",
    ])
    #expect(again.output == "Once upon a\n")
  }

  /// A text may come from a file, from standard input, or after the bundle; a dash is never a text.
  @Test func textsComeFromFilesAndStandardInput() throws {
    let folder = try TemporaryFolder()
    let bundle = try bundle("qwen2-tiny", in: folder)
    let text = String(repeating: TextRoadTests.prompt + "\n", count: 4000)
    try Data(text.utf8).write(to: folder.url.appending(path: "text"))
    let fromFile = try Program.run(["tokenize", bundle, "--file", folder["text"], "--json"])
    #expect(fromFile.status == 0, "\(fromFile.errors)")
    let expected = try ids([bundle, TextRoadTests.prompt + "\n"])
    let found = try #require(try fromFile.json["ids"] as? [Int])
    #expect(found.count == 4000 * expected.count && found.starts(with: expected))
    let piped = try Program.run(["tokenize", bundle, "-", "--json"], input: folder["text"])
    #expect(try piped.json["ids"] as? [Int] == found)
    #expect(try Program.run(["tokenize", bundle, "-", "--json"]).json["ids"] as? [Int] == ids([bundle, ""]))
    #expect(try Program.run(["tokenize", bundle, "a", "--file", folder["text"]]).status == 64)
    #expect(try Program.run(["tokenize", bundle, "--file", folder["nothing"]]).status == 66)
    try Data([0x61, 0xFF]).write(to: folder.url.appending(path: "bytes"))
    for arguments in [["--file", folder["bytes"]], ["-"]] {
      let refused = try Program.run(["tokenize", bundle] + arguments, input: folder["bytes"])
      #expect(refused.status == 65 && refused.errors.contains("UTF-8"), "\(refused.errors)")
    }
  }

  @Test(arguments: ["generate", "verify"]) func promptsComeFromFiles(command: String) throws {
    let folder = try TemporaryFolder()
    let bundle = try bundle("qwen2-tiny", in: folder)
    func decoded(_ arguments: [String], input: String? = nil) throws -> [Int] {
      let outcome = try Program.run([command, bundle, "--json", "--max-new-tokens", "8"] + arguments, input: input)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let cases = try outcome.json["cases"] as? [[String: Any]]
      return try #require(try (cases?.first ?? outcome.json)["prompt_ids"] as? [Int])
    }
    let expected = try decoded(["--prompt", "Once upon\na time"])
    for end in ["", "\n", "\r\n"] {
      try Data("Once upon\na time\(end)".utf8).write(to: folder.url.appending(path: "prompt"))
      #expect(try decoded(["--prompt-file", folder["prompt"]]) == expected)
      #expect(try decoded(["--prompt-file", "-"], input: folder["prompt"]) == expected)
    }
    #expect(try Program.run([command, bundle, "--prompt-file", folder["nothing"]]).status == 66)
  }

  @Test(arguments: ["llama2-tiny", "llama31-tiny", "qwen2-tiny", "vicuna-tiny"]) func textDecodesAsItsIds(golden: String) throws {
    let folder = try TemporaryFolder()
    let bundle = try bundle(golden, in: folder)
    let prompt = try ids([bundle, TextRoadTests.prompt])
    let list = prompt.map(String.init).joined(separator: ",")
    let text = try Program.run(["verify", bundle, "--prompt", TextRoadTests.prompt, "--chat-template", "none", "--json"])
    let plain = try Program.run(["verify", bundle, "--prompt-ids", list, "--json"])
    #expect(text.status == 0 && plain.status == 0, "\(text.errors)")
    let (first, second) = (try cases(text), try cases(plain))
    #expect(first.count == 1 && first[0]["prompt_ids"] as? [Int] == prompt)
    for key in ["prompt_ids", "vanilla_ids", "speculative_ids", "accept_lengths"] {
      #expect(first[0][key] as? [Int] == second[0][key] as? [Int], "\(key)")
    }
    let generated = try Program.run(["generate", bundle, "--prompt", TextRoadTests.prompt, "--chat-template", "none", "--json"])
      .json
    #expect(generated["prompt_ids"] as? [Int] == prompt && generated["ids"] as? [Int] == first[0]["vanilla_ids"] as? [Int])
    let answer = try #require(generated["text"] as? String)
    let streamed = try Program.run(["generate", bundle, "--prompt-ids", list])
    #expect(streamed.output == answer + "\n" && (golden == "qwen2-tiny" || !answer.isEmpty))
    // Nothing is coloured where nobody looks on.
    #expect(!streamed.output.contains("\u{1B}") && streamed.errors.contains("tokens/s"))
  }

  private func cases(_ outcome: Program.Outcome) throws -> [[String: Any]] {
    try #require(try outcome.json["cases"] as? [[String: Any]])
  }

  /// The trace's prompts were written by hand in the models' formats.
  @Test(arguments: [("llama2-tiny", ["--chat-template", "llama-2-chat"]), ("qwen2-tiny", [])])
  func conversationsAreWrittenAsTheModelWasTrained(golden: String, flags: [String]) throws {
    let folder = try TemporaryFolder()
    let bundle = try bundle(golden, in: folder)
    let trace = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: Fixtures.golden(golden) + "/trace.json")))
    let recorded = try #require(
      ((trace as? [String: Any])?["cases"] as? [[String: Any]])?.first { $0["name"] as? String == "chat story" })
    let outcome = try Program.run(
      ["generate", bundle, "--prompt", TextRoadTests.prompt, "--max-new-tokens", "64", "--json"] + flags)
    #expect(try outcome.json["prompt_ids"] as? [Int] == recorded["prompt_ids"] as? [Int])
    #expect(try outcome.json["ids"] as? [Int] == recorded["vanilla_ids"] as? [Int])
  }

  @Test func filesOfPrompts() throws {
    let folder = try TemporaryFolder()
    let bundle = try bundle("qwen2-tiny", in: folder)
    let lines = #"{"turns": ["Tell me a story.", "And another."], "question_id": 7}"# + "\n" + #"{"prompt_ids": [12, 13]}"#
    try Data(lines.utf8).write(to: folder.url.appending(path: "turns.jsonl"))
    let arguments = ["--prompts", folder["turns.jsonl"], "--max-new-tokens", "8", "--json"]
    let verified = try cases(Program.run(["verify", bundle] + arguments))
    #expect(verified.map { $0["name"] as? String } == ["question_id 7, turn 1", "question_id 7, turn 2", "line 2"])
    let output = try Program.run(["generate", bundle] + arguments).output
    let list = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]])
    #expect(list.map { $0["ids"] as? [Int] } == verified.map { $0["vanilla_ids"] as? [Int] })
    // The second turn holds the first and what was answered, and begins as the first did.
    let (first, second) = (list[0]["prompt_ids"] as? [Int] ?? [], list[1]["prompt_ids"] as? [Int] ?? [])
    #expect(second.starts(with: first) && second.count > first.count + 8)
    let builtin = try cases(Program.run(["verify", bundle, "--prompts", "builtin", "--max-new-tokens", "4", "--json"]))
    #expect(builtin.count == 12 && builtin.first?["name"] as? String == "chat 1")
    let few = try cases(Program.run(["verify", bundle, "--max-new-tokens", "4", "--json"]))
    #expect(few.map { $0["prompt_ids"] as? [Int] } == builtin.prefix(4).map { $0["prompt_ids"] as? [Int] })
  }

  @Test func turnsEndWhereTheTokenizerSaysSo() throws {
    let folder = try TemporaryFolder()
    let target = folder.url.appending(path: "target")
    try FileManager.default.copyItem(at: URL(filePath: Fixtures.golden("qwen2-tiny") + "/target"), to: target)
    // Neither configuration knows of <|im_end|> now.
    try Data("{}".utf8).write(to: target.appending(path: "generation_config.json"))
    let config = target.appending(path: "config.json")
    var document = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: config)) as? [String: Any])
    document["eos_token_id"] = NSNull()
    try JSONSerialization.data(withJSONObject: document).write(to: config)
    let outcome = try Program.run(["convert", "--target", target.path, "-o", folder["out.griffin"]])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let prompt = "The bear has 7 coins and finds 5 more. How many coins does the bear have now?"
    let generated = try Program.run(["generate", folder["out.griffin"], "--prompt", prompt, "--max-new-tokens", "200", "--json"])
      .json
    let ids = try #require(generated["ids"] as? [Int])
    #expect(ids.last == 1502 && ids.count < 200 && ids.dropLast().allSatisfy { $0 != 1502 })
    // The token is not part of the text.
    #expect((generated["text"] as? String)?.contains("<|im_end|>") == false)
  }

  @Test func misalignmentIsMeasuredOnTextToo() throws {
    let folder = try TemporaryFolder()
    let bundle = try bundle("vicuna-tiny", in: folder)
    try Data("Once upon a time there was a fox who lived near the river, and an owl.".utf8).write(
      to: folder.url.appending(path: "text"))
    let arguments = ["verify", bundle, "--prompt-ids", "1,499", "--max-new-tokens", "3", "--json"]
    let text = try Program.run(arguments + ["--text", folder["text"]])
    #expect(text.status == 0, "\(text.errors)")
    let rates = { (outcome: Program.Outcome) in
      (try outcome.json["summary"] as? [String: Any])?["misaligned_token_rate"] as? [Double]
    }
    #expect(try rates(text)?.count == 5 && rates(text) != rates(Program.run(arguments)))
    #expect(try Program.run(arguments + ["--text", folder["absent"]]).status == 66)
  }

  @Test func inspectDescribesTheTokenizer() throws {
    let folder = try TemporaryFolder()
    let bundle = try bundle("qwen2-tiny", in: folder)
    for source in [bundle, try Fixtures.golden("qwen2-tiny") + "/target"] {
      let tokenizer = try Program.run(["inspect", source, "--json"]).json["tokenizer"] as? [String: Any]
      #expect(tokenizer?["kind"] as? String == "byte-level-bpe" && tokenizer?["vocab_size"] as? Int == 1503)
      #expect(tokenizer?["ids_without_piece"] as? Int == 33)
      #expect(try Program.run(["inspect", source]).output.contains("33 ids of the model have none"))
    }
    #expect(try Program.run(["inspect", bundle, "--template"]).output.contains("<|im_start|>"))
  }
}

/// What becomes of models whose tokenizer is missing or damaged.
struct TextRefusalTests {
  private func target(_ folder: TemporaryFolder, _ change: (URL) throws -> Void) throws -> String {
    let target = folder.url.appending(path: "target")
    try FileManager.default.copyItem(at: URL(filePath: Golden.path("llama2-tiny/target")), to: target)
    try change(target)
    return target.path
  }

  @Test func withoutATokenizerThereAreIds() throws {
    let folder = try TemporaryFolder()
    let target = try target(folder) { target in
      for name in ["tokenizer.json", "tokenizer.model"] { try FileManager.default.removeItem(at: target.appending(path: name)) }
    }
    let bundle = folder["out.griffin"]
    let draft = Golden.path("llama2-tiny/draft")
    #expect(try Program.run(["convert", "--target", target, "--draft", draft, "-o", bundle]).status == 0)
    #expect(try Program.run(["inspect", bundle, "--json"]).json["tokenizer"] is NSNull)
    #expect(try Program.run(["verify", bundle, "--json"]).status == 0)
    for arguments in [
      ["generate", bundle, "--prompt", "Hi"], ["verify", bundle, "--prompt", "Hi"], ["tokenize", bundle, "Hi"],
    ] {
      let outcome = try Program.run(arguments)
      #expect(outcome.status == 64 && outcome.lines("error: ").count == 1, "\(outcome.errors)")
    }
    #expect(try Program.run(["generate", bundle, "--prompt", "Hi"]).lines("hint: ").first?.contains("--prompt-ids") == true)
    let generated = try Program.run(["generate", bundle, "--prompt-ids", "1,499", "--json"])
    #expect(generated.status == 0)
    #expect(try generated.json["text"] is NSNull)
  }

  @Test func damagedTokenizersAreNotPacked() throws {
    for (name, bytes) in [("tokenizer.json", 9000), ("tokenizer.model", 9000)] {
      let folder = try TemporaryFolder()
      let target = try target(folder) { target in
        if name == "tokenizer.model" { try FileManager.default.removeItem(at: target.appending(path: "tokenizer.json")) }
        let handle = try FileHandle(forUpdating: target.appending(path: name))
        try handle.truncate(atOffset: UInt64(bytes))
        try handle.close()
      }
      let outcome = try Program.run(["convert", "--target", target, "-o", folder["out.griffin"]])
      #expect(outcome.status == 65 && outcome.errors.contains(name) && outcome.lines("error: ").count == 1, "\(outcome.errors)")
      #expect(folder.names == ["target"])
    }
  }

  @Test func tokenizersOfOtherKindsOnlyCostText() throws {
    let folder = try TemporaryFolder()
    let target = try target(folder) { target in
      let file = target.appending(path: "tokenizer.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      let changed = text.replacing("\"type\": \"Prepend\"", with: "\"type\": \"Nmt\"")
      #expect(changed != text)
      try changed.write(to: file, atomically: true, encoding: .utf8)
    }
    let bundle = folder["out.griffin"]
    let converted = try Program.run(["convert", "--target", target, "-o", bundle])
    #expect(converted.status == 0 && converted.lines("warning: ").contains { $0.contains("Nmt") }, "\(converted.errors)")
    #expect(try Program.run(["verify", bundle]).status == 0)
    let refused = try Program.run(["tokenize", bundle, "Hi"])
    #expect(refused.status == 65 && refused.errors.contains("Nmt"))
  }

  @Test(arguments: [
    ["generate", "x"], ["generate", "x", "--prompt", "a", "--prompt-ids", "1"],
    ["generate", "x", "--prompt", "a", "--prompt", "b"],
    ["generate", "x", "--prompt", "a", "--chat-template", "alpaca"], ["verify", "x", "--chat-template", "alpaca"],
    ["tokenize", "x"], ["tokenize", "x", "a", "--decode", "1"], ["tokenize", "x", "--decode", "1,two"],
    ["verify", "x", "--integrity", "--prompt", "a"], ["verify", "x", "--integrity", "--prompts", "builtin"],
  ])
  func wrongUsage(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.lines("error: ").count == 1 && outcome.output.isEmpty)
  }

  @Test func aFormatWhoseTokensAreNotThere() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let outcome = try Program.run(["generate", bundle, "--prompt", "Hi", "--chat-template", "chatml"])
    #expect(outcome.status == 64 && outcome.errors.contains("<|im_start|>"))
    #expect(try Program.run(["verify", bundle, "--prompts", folder["absent.jsonl"]]).status == 66)
  }
}
