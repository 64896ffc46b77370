extension ChatFormat {
  /// ChatML as it is: what Qwen3 and many others use.
  ///
  /// - Source: OpenAI's description of ChatML, and the templates of the Qwen models.
  static let chatML = chatML(name: "chatml", aliases: ["qwen3"], system: nil)

  /// ChatML with the system message that Qwen2 has where there is none.
  static let qwen2 = chatML(name: "qwen2", aliases: ["qwen"], system: "You are a helpful assistant.")

  /// ChatML with the system message that Qwen2.5 has where there is none.
  static let qwen25 = chatML(
    name: "qwen2.5", aliases: [], system: "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.")

  private static func chatML(name: String, aliases: [String], system: String?) -> ChatFormat {
    ChatFormat(
      name: name, aliases: aliases, tokens: ["<|im_start|>", "<|im_end|>"], addsSpecialTokens: false,
      render: { messages in
        var all = messages
        if let system, messages.first?.role != .system { all.insert(ChatMessage(.system, system), at: 0) }
        return all.map { "<|im_start|>\($0.role.rawValue)\n\($0.content)<|im_end|>\n" }.joined() + "<|im_start|>assistant\n"
      })
  }
}
