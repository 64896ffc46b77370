public import ByteStorage

/// How a conversation is written for a model: one of the published formats, for models that bring no template of their own.
public struct ChatFormat: Sendable {
  /// The name that users give.
  public let name: String
  /// Other names for it.
  let aliases: [String]
  /// Tokens that the format is made of: a tokenizer that lacks one cannot use it.
  let tokens: [String]
  /// Whether the tokenizer puts its tokens around the text, as it does around any other.
  let addsSpecialTokens: Bool
  /// The conversation with the beginning of the model's answer, if a system message is there at its start.
  let render: @Sendable ([ChatMessage]) -> String

  /// Every format that is known. A new one is a file in `Formats` and a line here.
  public static let all: [ChatFormat] = [
    .llama31Instruct, .llama3Instruct, .qwen25, .qwen2, .chatML, .llama2Chat, .mistralV3Instruct, .mistralInstruct, .vicuna,
  ]

  /// The word for no format at all.
  public static let noneName = "none"

  /// - Throws: `usage` for a name that is not known.
  public static func named(_ name: String) throws(GriffinError) -> ChatFormat {
    let wanted = name.lowercased()
    if let format = all.first(where: { $0.name == wanted || $0.aliases.contains(wanted) }) { return format }
    throw GriffinError(
      .usage,
      "--chat-template \(name.shortened(to: 40)): unknown; known are \((all.map(\.name) + [noneName]).joined(separator: ", "))")
  }

  /// The format that the user asks for by name.
  /// - Throws: `usage` for a name that is not known, or a format whose tokens the tokenizer lacks.
  public static func named(_ name: String, for tokenizer: Tokenizer) throws(GriffinError) -> ChatFormat {
    let format = try named(name)
    if let missing = format.tokens.first(where: { tokenizer.id(ofToken: $0) == nil }) {
      throw GriffinError(
        .usage, "--chat-template \(format.name) needs the token \(missing), which the bundle's tokenizer does not have")
    }
    return format
  }

  /// The text of a conversation, up to where the model's next answer begins.
  public func text(of messages: [ChatMessage]) -> String { render(messages) }
}

extension [ChatMessage] {
  /// The system message at the start, and the turns after it.
  var parted: (system: String?, turns: ArraySlice<ChatMessage>) {
    guard let first, first.role == .system else { return (nil, self[...]) }
    return (first.content, dropFirst())
  }
}

extension String {
  /// Without the white space at its ends.
  var trimmed: String {
    let scalars = unicodeScalars
    guard let start = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let end = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[start...end])
  }
}
