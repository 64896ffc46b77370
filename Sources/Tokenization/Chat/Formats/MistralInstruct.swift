extension ChatFormat {
  /// Mistral Instruct before its third tokenizer, and Mixtral Instruct: turns in `[INST]`, which is text here.
  ///
  /// - Source: Mistral's mistral-common, version 1 of its instruction format.
  static let mistralInstruct = mistral(
    name: "mistral-instruct", aliases: ["mistral", "mixtral", "mixtral-instruct"], tokens: ["<s>", "</s>"], close: " [/INST]")

  /// Mistral Instruct v0.3: the same where `[INST]` and `[/INST]` are tokens.
  ///
  /// - Source: mistral-common, version 3.
  static let mistralV3Instruct = mistral(
    name: "mistral-v3-instruct", aliases: ["mistral-v3"], tokens: ["<s>", "</s>", "[INST]", "[/INST]"], close: "[/INST]")

  /// - Parameter close: What ends the user's turn.
  private static func mistral(name: String, aliases: [String], tokens: [String], close: String) -> ChatFormat {
    ChatFormat(
      name: name, aliases: aliases, tokens: tokens, addsSpecialTokens: false,
      render: { messages in
        let (system, turns) = messages.parted
        var text = "<s>"
        for (index, message) in turns.enumerated() {
          switch message.role {
          case .assistant: text += " \(message.content)</s>"
          case .user, .system:
            let preface = index == 0 ? system.map { "\($0)\n\n" } ?? "" : ""
            text += "[INST] \(preface + message.content)\(close)"
          }
        }
        return text
      })
  }
}
