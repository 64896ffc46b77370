extension ChatFormat {
  /// LLaMA 3 Instruct: every turn under a header that names its role.
  ///
  /// - Source: Meta's model card for LLaMA 3, and the template of Meta-Llama-3-8B-Instruct.
  static let llama3Instruct = ChatFormat(
    name: "llama-3-instruct", aliases: ["llama-3", "llama3", "llama3-instruct"], tokens: llama3Tokens,
    addsSpecialTokens: false,
    render: { llama3Text($0) })

  /// LLaMA 3.1 Instruct, whose system message always begins with two dates; the template's own stand here.
  ///
  /// - Source: the template of Llama-3.1-8B-Instruct.
  static let llama31Instruct = ChatFormat(
    name: "llama-3.1-instruct", aliases: ["llama-3.1", "llama3.1"], tokens: llama3Tokens, addsSpecialTokens: false,
    render: { messages in
      let (system, turns) = messages.parted
      let dates = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"
      return llama3Text(turns, preface: header(.system) + dates + (system?.trimmed ?? "") + "<|eot_id|>")
    })

  private static let llama3Tokens = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]

  private static func header(_ role: ChatMessage.Role) -> String {
    "<|start_header_id|>\(role.rawValue)<|end_header_id|>\n\n"
  }

  private static func llama3Text(_ messages: some Sequence<ChatMessage>, preface: String = "") -> String {
    var text = "<|begin_of_text|>" + preface
    for message in messages { text += header(message.role) + message.content.trimmed + "<|eot_id|>" }
    return text + header(.assistant)
  }
}
