public import ByteStorage

/// A model's own chat template among the files that came with it: inert text, never executed.
public enum ChatTemplateText {
  /// The template of `chat_template.jinja`, else that of `tokenizer_config.json`, else none.
  /// - Parameter contents: A target's file by its plain name; nil where there is none.
  public static func find(
    _ contents: (_ name: String) throws(GriffinError) -> [UInt8]?
  ) throws(GriffinError) -> String? {
    if let bytes = try contents("chat_template.jinja") { return bytes.rawBytes.utf8Text }
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
