import Foundation
import TestSupport
import Testing

/// Prompts by the model's own template: what the command does with it, and says of it.
struct TemplateRoadTests {
  /// A bundle of a golden pair whose target brings this template.
  private func bundle(_ template: String, file: String = "chat_template.jinja", in folder: TemporaryFolder) throws -> String {
    let source = folder["source"]
    try FileManager.default.copyItem(atPath: Fixtures.golden("llama31-tiny") + "/target", toPath: source)
    try Data(template.utf8).write(to: URL(filePath: source + "/" + file))
    let packed = try Program.run(["convert", "--target", source, "-o", folder["pair.griffin"]])
    #expect(packed.status == 0, "\(packed.errors)")
    return folder["pair.griffin"]
  }

  private func format(_ outcome: Program.Outcome) throws -> [String: String] {
    try #require(try outcome.json["prompt_format"] as? [String: String])
  }

  private func ids(_ bundle: String, _ text: String) throws -> [Int] {
    try #require(try Program.run(["tokenize", bundle, "--no-special-tokens", "--json", "--", text]).json["ids"] as? [Int])
  }

  private let dated = "{{ bos_token }}{{ strftime_now('%d %b %Y') }}{% for m in messages %}|{{ m.content }}{% endfor %}"

  @Test func theTemplateWritesThePromptAndTheDay() throws {
    let folder = try TemporaryFolder()
    let bundle = try bundle(dated, in: folder)
    let arguments = ["generate", bundle, "--prompt", "Hi", "--max-new-tokens", "2"]
    let given = try Program.run(arguments + ["--date", "2024-02-29", "--json"])
    #expect(given.status == 0, "\(given.errors)")
    #expect(try given.json["prompt_ids"] as? [Int] == ids(bundle, "<|begin_of_text|>29 Feb 2024|Hi"))
    #expect(try format(given) == ["name": "chat_template.jinja", "source": "template", "date": "2024-02-29"])
    #expect(try (given.json["warnings"] as? [String])?.contains { $0.contains("--date") } == false)
    let today = try Program.run(arguments + ["--json"])
    #expect(try (today.json["warnings"] as? [String])?.contains { $0.contains("today's") && $0.contains("--date") } == true)
    let told = try Program.run(arguments + ["--date", "2024-02-29"])
    #expect(told.errors.contains("prompts written as: the model's own, of chat_template.jinja, written for 2024-02-29"))
    #expect(try Program.run(arguments + ["--date", "2024-02-30"]).status == 64)
    let named = try Program.run(arguments + ["--chat-template", "llama-3", "--json"])
    #expect(try format(named) == ["name": "llama-3-instruct", "source": "named"])
    let none = try Program.run(arguments + ["--chat-template", "none", "--json"])
    #expect(try format(none) == ["name": "none", "source": "none"])
    let verified = try Program.run([
      "verify", bundle, "--prompt", "Hi", "--max-new-tokens", "2", "--date", "2024-02-29", "--json",
    ])
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(try format(verified) == format(given))
  }

  /// Nothing is wrong with the pair but how its prompts are written, and no source says so.
  @Test func theFormatThatTheDraftWasTrainedWithIsFound() throws {
    let folder = try TemporaryFolder()
    let (golden, bundle) = (try Fixtures.golden("qwen2-tiny"), folder["pair.griffin"])
    let packed = try Program.run(["convert", "--target", golden + "/target", "--draft", golden + "/draft", "-o", bundle])
    #expect(packed.status == 0, "\(packed.errors)")
    let verified = try Program.run(["verify", bundle, "--chat-template", "none", "--min-acceptance", "6", "--json"])
    #expect(verified.status == 1)
    let findings = try #require(try verified.json["diagnosis"] as? [[String: Any]])
    let found = try #require(findings.first)
    #expect(found["kind"] as? String == "template" && findings.count == 1)
    #expect((found["evidence"] as? String)?.hasPrefix("written as qwen2 ") == true)
    let (before, after) = (try #require(found["acceptance_length"] as? Double), try #require(found["acceptance_length_repaired"] as? Double))
    #expect(after > before + 1)
  }

  @Test func aLoneDocumentIsRead() throws {
    let folder = try TemporaryFolder()
    // The source's own template stands before one of chat_template.json.
    let source = folder["plain"]
    try FileManager.default.copyItem(atPath: Fixtures.golden("llama31-tiny") + "/target", toPath: source)
    let config = URL(filePath: source + "/tokenizer_config.json")
    var document = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: config)) as? [String: Any])
    document["chat_template"] = nil
    try JSONSerialization.data(withJSONObject: document).write(to: config)
    try Data(#"{"chat_template": "{% for m in messages %}<{{ m.content }}>{% endfor %}"}"#.utf8)
      .write(to: URL(filePath: source + "/chat_template.json"))
    let inspected = try Program.run(["inspect", source, "--json"])
    #expect(inspected.status == 0, "\(inspected.errors)")
    #expect(try format(inspected) == ["name": "chat_template.json", "source": "template"])
    #expect(try inspected.json["chat_template"] as? String == "{% for m in messages %}<{{ m.content }}>{% endfor %}")
    let text = try Program.run(["inspect", source])
    #expect(text.output.contains("the model's own, of chat_template.json"))
  }

  @Test func aTemplateThatCannotBeRenderedIsSaid() throws {
    let folder = try TemporaryFolder()
    let bundle = try bundle("{{ messages | pprint }}", in: folder)
    let outcome = try Program.run(["generate", bundle, "--prompt", "Hi", "--max-new-tokens", "2", "--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try format(outcome) == ["name": "none", "source": "none"])
    let warnings = try #require(try outcome.json["warnings"] as? [String])
    #expect(
      warnings.contains { $0.contains("cannot be rendered") && $0.contains("line 1, column 15: the filter pprint is not known") })
  }

  @Test func aTemplateThatRefusesAConversationIsAnError() throws {
    let folder = try TemporaryFolder()
    let bundle = try bundle(
      "{% if messages | length > 1 %}{{ raise_exception('one turn only') }}{% endif %}{{ messages[0].content }}", in: folder)
    try Data(#"{"turns": ["Hi", "Bye"]}"#.utf8).write(to: URL(filePath: folder["prompts"]))
    let outcome = try Program.run(["generate", bundle, "--prompts", folder["prompts"], "--max-new-tokens", "2"])
    #expect(outcome.status == 65 && outcome.errors.contains("one turn only") && outcome.errors.contains("--chat-template"))
  }
}
