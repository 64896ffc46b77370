public import ByteStorage
public import Templates

/// A model's own template, ready to write conversations: with the special tokens that it names and the day that it may tell.
public struct ModelTemplate: Sendable {
  /// The file that it came from.
  public let file: String
  private let template: ChatTemplate
  /// `bos_token` and its like, as texts.
  private let specialTokens: JSONObject
  private let day: Day?

  /// - Parameters:
  ///   - source: The template's text.
  ///   - specialTokens: Special tokens as texts, by the names of `tokenizer_config.json`.
  ///   - day: What the template is told where it asks for the day; nil where it is to do without.
  /// - Throws: What reading it throws, and what rendering a user's message alone throws: a template that cannot write that
  ///   is none.
  public init(_ source: String, file: String, specialTokens: JSONObject, day: Day?) throws(GriffinError) {
    try self.init(try ChatTemplate(source), file, specialTokens, day)
  }

  private init(_ template: ChatTemplate, _ file: String, _ specialTokens: JSONObject, _ day: Day?) throws(GriffinError) {
    (self.template, self.file, self.specialTokens, self.day) = (template, file, specialTokens, day)
    _ = try text(of: [ChatMessage(.user, "Hi")])
  }

  /// The same template on another day.
  /// - Throws: What rendering a user's message alone throws on that day.
  public func on(_ day: Day?) throws(GriffinError) -> ModelTemplate { try ModelTemplate(template, file, specialTokens, day) }

  /// The day that conversations are written for, where the template asks for one.
  public var writtenDay: Day? { template.asksForDay ? day : nil }

  /// The text of a conversation, as transformers' `apply_chat_template` makes it.
  /// - Parameter addsPrompt: Whether the beginning of the model's next answer follows.
  /// - Throws: `inconsistent` where the template refuses the conversation; what rendering throws.
  public func text(of messages: [ChatMessage], addsPrompt: Bool = true) throws(GriffinError) -> String {
    var variables = specialTokens
    variables["messages"] = .array(
      messages.map { .object(["role": .string($0.role.rawValue), "content": .string($0.content)]) })
    variables["tools"] = .null
    variables["documents"] = .null
    variables["add_generation_prompt"] = .bool(addsPrompt)
    return try template.render(variables, day: day)
  }

  /// The text that ends a turn of the model's: what follows its content, up to the end; nil where its content is not found.
  var endOfTurn: String? {
    let content = "0f9e8d7c"
    let talk = [ChatMessage(.user, "Hi"), ChatMessage(.assistant, content)]
    return (try? text(of: talk, addsPrompt: false))?.text(afterLast: content)
  }
}

extension String {
  /// What follows the last place where `part` stands.
  fileprivate func text(afterLast part: String) -> String? {
    let (bytes, wanted) = (Array(utf8), Array(part.utf8))
    for start in (0...max(0, bytes.count - wanted.count)).reversed() where bytes[start...].starts(with: wanted) {
      return String(decoding: bytes[(start + wanted.count)...], as: UTF8.self)
    }
    return nil
  }
}

extension ModelTemplate {
  private static let tokenNames = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]

  /// The special tokens of a model as texts: those of `tokenizer_config.json`, and of `special_tokens_map.json` where it has none.
  public static func specialTokens(config: JSONValue?, map: JSONValue?) -> JSONObject {
    var tokens = JSONObject()
    for name in tokenNames {
      for document in [config, map] where tokens[name] == nil {
        // Either the text, or an object that says more of it.
        if let text = document?[name]?.string ?? document?[name]?["content"]?.string { tokens[name] = .string(text) }
      }
    }
    return tokens
  }
}
