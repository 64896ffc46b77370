import ByteStorage
import TestSupport
import Testing
import Tokenization

/// Conversations as the published formats and the golden pairs' own templates write them.
struct ChatTests {
  /// Rendered by Hugging Face's transformers.
  @Test func agreesWithTheTemplates() throws {
    let chats = try #require(try TokenizerFixtures.json(Fixtures.bytes("tokenizers/chat.json")).array)
    #expect(chats.count == 24)
    for chat in chats {
      let golden = try #require(chat["golden"]?.string)
      let files = try TokenizerFixtures.files(ofGolden: golden)
      let tokenizer = try #require(try TokenizerFixtures.load(files)).tokenizer
      let template = try TokenizerFixtures.json(files["tokenizer_config.json"] ?? [])["chat_template"]?.string
      let format = try #require(try ChatFormat.chosen(name: nil, template: template, tokenizer: tokenizer))
      let messages = try #require(chat["messages"]?.array).map { message in
        ChatMessage(ChatMessage.Role(rawValue: message["role"]?.string ?? "") ?? .user, message["content"]?.string ?? "")
      }
      #expect(format.text(of: messages) == chat["text"]?.string)
      let ids = try PromptEncoder(tokenizer: tokenizer, format: format).encode(messages)
      #expect(ids == chat["ids"]?.array?.compactMap(\.integer))
    }
  }

  private let talk = [ChatMessage(.user, "Hi"), ChatMessage(.assistant, "Hello!"), ChatMessage(.user, "Bye ")]

  @Test(arguments: [
    ("llama-2-chat", "<s>[INST] Hi [/INST] Hello! </s><s>[INST] Bye [/INST]"),
    ("mistral-instruct", "<s>[INST] Hi [/INST] Hello!</s>[INST] Bye  [/INST]"),
    ("mistral-v3-instruct", "<s>[INST] Hi[/INST] Hello!</s>[INST] Bye [/INST]"),
    (
      "vicuna",
      "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite "
        + "answers to the user's questions. USER: Hi ASSISTANT: Hello!</s>USER: Bye  ASSISTANT:"
    ),
    (
      "llama-3-instruct",
      "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
        + "Hello!<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
    ),
    (
      "llama-3.1-instruct",
      "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024"
        + "\n\n<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
        + "Hello!<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
    ),
    (
      "chatml",
      "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello!<|im_end|>\n<|im_start|>user\nBye <|im_end|>\n<|im_start|>assistant\n"
    ),
    (
      "qwen2",
      "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello!"
        + "<|im_end|>\n<|im_start|>user\nBye <|im_end|>\n<|im_start|>assistant\n"
    ),
    (
      "qwen2.5",
      "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n<|im_start|>user\nHi"
        + "<|im_end|>\n<|im_start|>assistant\nHello!<|im_end|>\n<|im_start|>user\nBye <|im_end|>\n<|im_start|>assistant\n"
    ),
  ])
  func writesThePublishedFormat(name: String, text: String) throws {
    #expect(try ChatFormat.named(name).text(of: talk) == text)
  }

  @Test func systemMessagesHaveTheirPlace() throws {
    let messages = [ChatMessage(.system, "Be brief."), ChatMessage(.user, "Hi")]
    #expect(
      try ChatFormat.named("llama-2-chat").text(of: messages) == "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST]")
    #expect(try ChatFormat.named("vicuna").text(of: messages) == "Be brief. USER: Hi ASSISTANT:")
    #expect(try ChatFormat.named("mistral").text(of: messages) == "<s>[INST] Be brief.\n\nHi [/INST]")
    #expect(
      try ChatFormat.named("qwen").text(of: messages)
        == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
  }

  @Test func namesAndTokensDecide() throws {
    let llama = try TokenizerFixtures.tokenizer("llama2")
    let qwen = try TokenizerFixtures.tokenizer("qwen2")
    func chosen(_ name: String?, _ template: String?, _ tokenizer: Tokenizer) throws -> String? {
      try ChatFormat.chosen(name: name, template: template, tokenizer: tokenizer)?.name
    }
    #expect(try chosen(nil, nil, llama) == nil && chosen("none", "[INST]", llama) == nil)
    #expect(try chosen(nil, "{{ '[INST] <<SYS>>' }}", llama) == "llama-2-chat")
    #expect(try chosen(nil, "{{ '[INST]' }}", llama) == "mistral-instruct")
    #expect(try chosen(nil, "USER: {{ m }} ASSISTANT:", llama) == "vicuna")
    #expect(try chosen(nil, "something else", llama) == nil)
    #expect(try chosen("Vicuna-v1.1", "[INST]", llama) == "vicuna")
    #expect(try chosen(nil, "<|im_start|>", qwen) == "chatml")
    #expect(try chosen(nil, "<|im_start|>system\\nYou are a helpful assistant.", qwen) == "qwen2")
    #expect(
      try chosen(nil, "<|im_start|>You are Qwen, created by Alibaba Cloud. You are a helpful assistant.", qwen) == "qwen2.5")
    // A template whose tokens the tokenizer lacks is not that model's.
    #expect(try chosen(nil, "<|im_start|>", llama) == nil)
    let missing = #expect(throws: GriffinError.self) { try chosen("chatml", nil, llama) }
    #expect(missing?.kind == .usage && missing?.message.contains("<|im_start|>") == true)
    let unknown = #expect(throws: GriffinError.self) { try chosen("alpaca", nil, llama) }
    #expect(unknown?.kind == .usage && unknown?.message.contains("llama-2-chat") == true)
  }

  @Test func endsOfTurnsAreTheTokenizers() throws {
    #expect(try TokenizerFixtures.tokenizer("llama3").endOfTurnTokens == [1509])
    #expect(try TokenizerFixtures.tokenizer("qwen2").endOfTurnTokens == [1502])
    #expect(try TokenizerFixtures.tokenizer("llama2").endOfTurnTokens.isEmpty)
  }
}
