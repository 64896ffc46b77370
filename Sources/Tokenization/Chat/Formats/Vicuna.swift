extension ChatFormat {
  /// Vicuna v1.1 and v1.5: turns after `USER:` and `ASSISTANT:`, under a system message of its own.
  ///
  /// - Source: FastChat's `vicuna_v1.1` conversation.
  static let vicuna = ChatFormat(
    name: "vicuna", aliases: ["vicuna-v1.1", "vicuna-v1.5", "vicuna_v1.1"], tokens: ["</s>"], addsSpecialTokens: true,
    render: { messages in
      let (system, turns) = messages.parted
      var text =
        (system
          ?? "A chat between a curious user and an artificial intelligence assistant. "
          + "The assistant gives helpful, detailed, and polite answers to the user's questions.") + " "
      for message in turns {
        text += message.role == .assistant ? "ASSISTANT: \(message.content)</s>" : "USER: \(message.content) "
      }
      return text + "ASSISTANT:"
    })
}
