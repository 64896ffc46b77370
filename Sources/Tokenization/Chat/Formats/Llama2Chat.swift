extension ChatFormat {
  /// LLaMA 2 Chat: turns in `[INST]`, the system message inside the first of them.
  ///
  /// - Source: `generation.py` of Meta's llama repository, and the template of Llama-2-7b-chat-hf.
  static let llama2Chat = ChatFormat(
    name: "llama-2-chat", aliases: ["llama-2", "llama2", "llama2-chat"], tokens: ["<s>", "</s>"], addsSpecialTokens: false,
    render: { messages in
      let (system, turns) = messages.parted
      var text = ""
      for (index, message) in turns.enumerated() {
        switch message.role {
        case .assistant: text += " \(message.content.trimmed) </s>"
        case .user, .system:
          let preface = index == 0 ? system.map { "<<SYS>>\n\($0)\n<</SYS>>\n\n" } ?? "" : ""
          text += "<s>[INST] \((preface + message.content).trimmed) [/INST]"
        }
      }
      return text
    })
}
