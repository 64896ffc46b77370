import ByteStorage
import Templates
import TestSupport
import Testing
import Tokenization

/// Templates that behave as those of released models do, and what jinja2 makes of them (`scripts/make-template-vectors.py`).
struct ModelTemplateTests {
  private static func behaviours() throws -> JSONValue { try TokenizerFixtures.json(Fixtures.bytes("templates/behaviours.json")) }

  @Test func conversationsAreWrittenAsTheModelsTemplateSays() throws {
    let document = try ModelTemplateTests.behaviours()
    let day = try Day(#require(document["date"]?.string))
    let tokens = ModelTemplate.specialTokens(config: document, map: nil)
    let talks = try #require(document["talks"]?.array).map { talk in
      (talk.array ?? []).map { message in
        ChatMessage(ChatMessage.Role(rawValue: message["role"]?.string ?? "") ?? .user, message["content"]?.string ?? "")
      }
    }
    let all = try #require(document["templates"]?.array)
    #expect(all.count == 11)
    for entry in all {
      let source = try #require(entry["template"]?.string)
      let template = try ModelTemplate(source, file: "chat_template.jinja", specialTokens: tokens, day: day)
      for (talk, render) in zip(talks, try #require(entry["renders"]?.array)) {
        if let text = render["text"]?.string {
          #expect(try template.text(of: talk) == text, "\(entry["name"]?.string ?? "")")
        } else {
          let error = #expect(throws: GriffinError.self) { try template.text(of: talk) }
          #expect(error?.kind == .inconsistent && error?.message.hasSuffix(render["raised"]?.string ?? "?") == true)
        }
      }
    }
  }

  @Test func aTemplateThatTellsTheDaySaysWhich() throws {
    let source = "{{ strftime_now('%d %b %Y') }}{% for m in messages %}{{ m.content }}{% endfor %}"
    let template = try ModelTemplate(source, file: "t", specialTokens: [:], day: Day("2024-02-29"))
    #expect(template.writtenDay?.description == "2024-02-29")
    #expect(try template.text(of: [ChatMessage(.user, "!")]) == "29 Feb 2024!")
    #expect(PromptFormat.template(template).document["date"] == "2024-02-29")
    let plain = try ModelTemplate("{{ messages[0].content }}", file: "t", specialTokens: [:], day: Day("2024-02-29"))
    #expect(plain.writtenDay == nil && PromptFormat.template(plain).document == ["name": "t", "source": "template"])
  }

  @Test func specialTokensAreTextsOrObjects() {
    let config: JSONValue = ["bos_token": ["content": "<s>", "lstrip": false], "eos_token": nil, "add_bos_token": true]
    let tokens = ModelTemplate.specialTokens(config: config, map: ["bos_token": "other", "eos_token": "</s>"])
    #expect(tokens == ["bos_token": "<s>", "eos_token": "</s>"])
  }

  /// The BOS token that a template writes is not put in front once more, and a generation ends with what the template writes.
  @Test func templatesBringTheirOwnTokens() throws {
    let tokenizer = try TokenizerFixtures.tokenizer("llama2")
    let source = "{{ bos_token }}{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}"
    let tokens: JSONObject = ["bos_token": "<s>", "eos_token": "</s>"]
    let template = try ModelTemplate(source, file: "t", specialTokens: tokens, day: nil)
    let encoder = PromptEncoder(tokenizer: tokenizer, format: .template(template))
    let ids = try encoder.encode("Once")
    #expect(try ids == tokenizer.encode("<s>Once</s>", addsSpecialTokens: false))
    #expect(ids.filter { $0 == tokenizer.id(ofToken: "<s>") }.count == 1)
    #expect(encoder.endOfTurnTokens == [tokenizer.id(ofToken: "</s>")])
    #expect(PromptEncoder(tokenizer: tokenizer, format: .none).endOfTurnTokens.isEmpty)
  }

  @Test func aTemplateThatRefusesAConversationSaysWhatToDo() throws {
    let source = "{% if messages | length > 1 %}{{ raise_exception('one turn only') }}{% endif %}{{ messages[0].content }}"
    let template = try ModelTemplate(source, file: "chat_template.jinja", specialTokens: [:], day: nil)
    let encoder = PromptEncoder(tokenizer: try TokenizerFixtures.tokenizer("llama2"), format: .template(template))
    let error = #expect(throws: GriffinError.self) {
      try encoder.encode([ChatMessage(.user, "a"), ChatMessage(.assistant, "b")])
    }
    #expect(error?.kind == .inconsistent && error?.message.contains("one turn only") == true)
    #expect(error?.hints.first?.contains("--chat-template none") == true)
  }
}
