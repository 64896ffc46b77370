public import Bundles
public import ByteStorage
public import Models
public import Tokenization

/// What text costs a model: its tokenizer and conversation format, asked for only where there is text.
public struct Speech: Sendable {
  private let text: TextSide?
  private let chatTemplate: String?
  private let file: String

  /// - Parameters:
  ///   - text: nil where the model has no files.
  ///   - chatTemplate: The format that the user asks for.
  ///   - file: Named where there is no tokenizer.
  public init(_ text: TextSide?, chatTemplate: String?, file: String) {
    (self.text, self.chatTemplate, self.file) = (text, chatTemplate, file)
  }

  /// Whether text can be encoded at all.
  public var canEncode: Bool { text?.tokenizer != nil }

  /// - Throws: `usage` where there is no tokenizer or the format does not go with it, and what is wrong with one that
  ///   cannot be used.
  public func encoder() throws(GriffinError) -> PromptEncoder {
    guard let text else { throw TextSide.missing(file: file) }
    return try text.encoder(chatTemplate: chatTemplate)
  }
}

extension TargetModel {
  /// The ids that end a generation: those of its configuration, and the token that ends a turn of a conversation.
  public func stopTokens(_ tokenizer: Tokenizer?) -> Set<Int> {
    let ends = tokenizer?.endOfTurnTokens ?? []
    return configuration.stopTokens.union(ends.filter((0..<configuration.vocabularySize).contains))
  }
}
