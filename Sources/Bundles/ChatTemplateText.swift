public import ByteStorage

/// A model's own chat template among the files that came with it: inert text, never executed.
public enum ChatTemplateText {
  /// A line on what `find` says of the same files, where there is something to say.
  static func remark(
    _ contents: (_ name: String) throws(GriffinError) -> [UInt8]?, template: String?
  ) throws(GriffinError) -> String? {
    if let template { return remark(on: template) }
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
    return found.map { "the chat template has \($0); griffin never executes templates, but other programs do" }
  }

  private static let fileName = "chat_template.jinja"

  /// The template of `chat_template.jinja`, else that of `tokenizer_config.json`, else none.
  /// - Parameter contents: A target's file by its plain name; nil where there is none.
  public static func find(
    _ contents: (_ name: String) throws(GriffinError) -> [UInt8]?
  ) throws(GriffinError) -> String? {
    if let bytes = try contents(fileName) { return bytes.rawBytes.utf8Text }
    guard let bytes = try contents("tokenizer_config.json"),
      let document = try? JSONValue.parse(bytes.rawBytes, limits: .config)
    else { return nil }
    guard let template = document["chat_template"] else { return nil }
    if let text = template.string { return text }
    // Some models name several; the one called default is meant.
    let named = template.array ?? []
    return (named.first { $0["name"]?.string == "default" } ?? named.first)?["template"]?.string
  }
}
