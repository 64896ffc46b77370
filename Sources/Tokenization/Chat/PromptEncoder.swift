public import ByteStorage

/// Turns prompts into the ids that a model is given: a tokenizer, and the format of its conversations.
public struct PromptEncoder: Sendable {
  public let tokenizer: Tokenizer
  /// nil for prompts as they are.
  public let format: ChatFormat?

  public init(tokenizer: Tokenizer, format: ChatFormat?) { (self.tokenizer, self.format) = (tokenizer, format) }

  /// The ids of a conversation whose last message is the user's.
  ///
  /// Without a format the messages follow each other, a line end between them, with the tokens that the model expects
  /// around a text.
  /// - Throws: What `Tokenizer.encode` throws.
  public func encode(_ messages: [ChatMessage]) throws(GriffinError) -> [Int] {
    guard let format else { return try tokenizer.encode(messages.map(\.content).joined(separator: "\n")) }
    return try tokenizer.encode(format.text(of: messages), addsSpecialTokens: format.addsSpecialTokens)
  }

  /// The ids of one prompt.
  public func encode(_ prompt: String) throws(GriffinError) -> [Int] { try encode([ChatMessage(.user, prompt)]) }

  /// What the model answered, as it stands in the conversation that goes on.
  public func answer(_ ids: [Int]) -> ChatMessage {
    ChatMessage(.assistant, tokenizer.decode(ids, skipsSpecialTokens: true).trimmed)
  }
}

extension Tokenizer {
  /// Tokens that end a turn of a conversation, whatever a model's configuration says.
  private static let endsOfTurns = ["<|eot_id|>", "<|im_end|>"]

  /// The ids of the tokens that end a turn, where this tokenizer has them.
  public var endOfTurnTokens: [Int] { Tokenizer.endsOfTurns.compactMap { id(ofToken: $0) } }
}
