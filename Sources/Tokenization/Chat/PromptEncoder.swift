public import ByteStorage

/// Turns prompts into the ids that a model is given: a tokenizer, and the format of its conversations.
public struct PromptEncoder: Sendable {
  public let tokenizer: Tokenizer
  public let format: PromptFormat
  /// What the user should know of the format and no error says.
  public let warnings: [String]

  public init(tokenizer: Tokenizer, format: PromptFormat, warnings: [String] = []) {
    (self.tokenizer, self.format, self.warnings) = (tokenizer, format, warnings)
  }

  /// The ids of a conversation whose last message is the user's.
  ///
  /// A template and most formats write all special tokens themselves. Without a format the messages follow each other, a line
  /// end between them, with the tokens that the model expects around a text.
  /// - Throws: Where the model's template refuses the conversation, and what `Tokenizer.encode` throws.
  public func encode(_ messages: [ChatMessage]) throws(GriffinError) -> [Int] {
    switch format {
    case .template(let template):
      let text: String
      do throws(GriffinError) {
        text = try template.text(of: messages)
      } catch {
        throw GriffinError(
          error.kind, file: error.file,
          "the model's chat template cannot write this conversation: \(template.file): \(error.message)",
          hints: ["--chat-template \(ChatFormat.noneName) gives prompts as they are, --chat-template NAME in a published format"])
      }
      return try tokenizer.encode(text, addsSpecialTokens: false)
    case .named(let format): return try tokenizer.encode(format.text(of: messages), addsSpecialTokens: format.addsSpecialTokens)
    case .none: return try tokenizer.encode(messages.map(\.content).joined(separator: "\n"))
    }
  }

  /// The ids of one prompt.
  /// - Throws: The same.
  public func encode(_ prompt: String) throws(GriffinError) -> [Int] { try encode([ChatMessage(.user, prompt)]) }

  /// What the model answered, as it stands in the conversation that goes on.
  public func answer(_ ids: [Int]) -> ChatMessage {
    ChatMessage(.assistant, tokenizer.decode(ids, skipsSpecialTokens: true).trimmed)
  }

  /// The ids of the tokens that end a turn: of any model's, and what this one's template writes after an answer.
  public var endOfTurnTokens: [Int] {
    var ids = tokenizer.endOfTurnTokens
    if case .template(let template) = format, let end = template.endOfTurn?.trimmed,
      let first = try? tokenizer.encode(end, addsSpecialTokens: false).first, !ids.contains(first), tokenizer.isSpecial(first)
    {
      ids.append(first)
    }
    return ids
  }
}

extension Tokenizer {
  /// Tokens that end a turn of a conversation, whatever a model's configuration says.
  private static let endsOfTurns = ["<|eot_id|>", "<|im_end|>"]

  /// The ids of the tokens that end a turn, where this tokenizer has them.
  public var endOfTurnTokens: [Int] { Tokenizer.endsOfTurns.compactMap { id(ofToken: $0) } }
}
