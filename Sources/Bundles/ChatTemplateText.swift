public import ByteStorage
internal import Tokenization

/// A model's own chat template among the files that came with it, as text.
public struct ChatTemplateText: Sendable {
  public let text: String
  /// The plain name of the file that holds it.
  public let file: String
  /// The model's special tokens as texts, which a template may write.
  public let specialTokens: JSONObject

  /// A line on what `find` says of the same files, where there is something to say.
  static func remark(
    _ contents: (_ name: String) throws(GriffinError) -> [UInt8]?, template: ChatTemplateText?
  ) throws(GriffinError) -> String? {
    if let template { return remark(on: template.text) }
    return try contents(fileName) == nil ? nil : "\(fileName) is not valid UTF-8 and counts as no template"
  }

  /// A line on a template that reaches beyond text, as those do that attack programs which render them; nil for all others.
  static func remark(on template: String) -> String? {
    let text = Array(template.utf8)
    var found = template.contains("__") ? "\"__\", as names of Python's internals have" : nil
    // After `{%` and its mark of white space comes the statement's name.
    for start in text.indices.dropLast() where text[start] == UInt8(ascii: "{") && text[start + 1] == UInt8(ascii: "%") {
      let statement = text[(start + 2)...].drop { $0 <= 0x20 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
      let name = String(decoding: statement.prefix(16).prefix { (0x61...0x7A).contains($0) }, as: UTF8.self)
      if ["import", "from", "include", "extends"].contains(name) { found = "the statement \"\(name)\"" }
    }
    return found.map { "the chat template has \($0); griffin's interpreter has nothing for it to reach, but other programs' may" }
  }

  private static let fileName = "chat_template.jinja"

  /// The template of `chat_template.jinja`, else that of `tokenizer_config.json`, else that of `chat_template.json`, else none.
  /// - Parameter contents: A target's file by its plain name; nil where there is none.
  public static func find(
    _ contents: (_ name: String) throws(GriffinError) -> [UInt8]?
  ) throws(GriffinError) -> ChatTemplateText? {
    func document(_ name: String) throws(GriffinError) -> JSONValue? {
      try contents(name).flatMap { try? JSONValue.parse($0.rawBytes, limits: .config) }
    }
    let config = try document("tokenizer_config.json")
    let tokens = ModelTemplate.specialTokens(config: config, map: try document("special_tokens_map.json"))
    if let bytes = try contents(fileName) {
      return bytes.rawBytes.utf8Text.map { ChatTemplateText(text: $0, file: fileName, specialTokens: tokens) }
    }
    for (name, document) in [("tokenizer_config.json", config), ("chat_template.json", try document("chat_template.json"))] {
      if let text = text(in: document?["chat_template"]) {
        return ChatTemplateText(text: text, file: name, specialTokens: tokens)
      }
    }
    return nil
  }

  /// A template, or one of several by name: the one called default is meant.
  private static func text(in value: JSONValue?) -> String? {
    if let text = value?.string { return text }
    let named = value?.array ?? []
    return (named.first { $0["name"]?.string == "default" } ?? named.first)?["template"]?.string
  }
}
