internal import ByteStorage

/// What tokenizer_config.json, special_tokens_map.json and added_tokens.json say beside the tokenizer itself.
struct TokenizerConfiguration {
  private(set) var tokenizerClass: String?
  private(set) var addsBegin: Bool?
  private(set) var addsEnd: Bool?
  private(set) var addsPrefixSpace: Bool?
  /// Whether the text after every special token begins as if a space stood before it.
  private(set) var isLegacy: Bool?
  private(set) var beginToken, endToken: String?
  /// Tokens with the ids that the files give them.
  private(set) var addedTokens: [TokenizerParts.AddedToken] = []
  /// What the files name as special, whether or not they give an id.
  private(set) var specialContents: Set<ExactString> = []

  /// - Parameter read: The content of a file by its name, or nil.
  /// - Throws: `malformed` where a file is not JSON or a member has the wrong type.
  init(read: (String) throws(GriffinError) -> (bytes: [UInt8], path: String)?) throws(GriffinError) {
    let settings = try TokenizerConfiguration.object("tokenizer_config.json", read)
    let config = settings?.object
    let map = try TokenizerConfiguration.object("special_tokens_map.json", read)?.object
    tokenizerClass = config?["tokenizer_class"]?.string
    addsBegin = config?["add_bos_token"]?.bool
    addsEnd = config?["add_eos_token"]?.bool
    addsPrefixSpace = config?["add_prefix_space"]?.bool
    isLegacy = config?["legacy"]?.bool
    for source in [map, config].compactMap(\.self) {
      for member in source.members where member.key.hasSuffix("_token") || member.key == "additional_special_tokens" {
        for value in member.value.array ?? [member.value] {
          guard let content = value.string ?? value["content"]?.string else { continue }
          specialContents.insert(ExactString(content))
          if member.key == "bos_token" { beginToken = content }
          if member.key == "eos_token" { endToken = content }
        }
      }
    }
    for member in config?["added_tokens_decoder"]?.object?.members ?? [] {
      guard let id = Int(member.key), id >= 0, let content = member.value["content"]?.string, !content.isEmpty else {
        throw GriffinError(
          .malformed, file: settings?.path,
          "added_tokens_decoder: \"\(member.key.shortened(to: 40))\" needs a number of 0 or more as its key and a content")
      }
      addedTokens.append(TokenizerParts.AddedToken(id: id, content: content, fields: member.value))
    }
    let known = Set(addedTokens.map(\.id))
    let added = try TokenizerConfiguration.object("added_tokens.json", read)
    for member in added?.object.members ?? [] {
      guard let id = member.value.integer, id >= 0 else {
        throw GriffinError(
          .malformed, file: added?.path,
          "\"\(member.key.shortened(to: 40))\" needs an id of 0 or more")
      }
      guard !known.contains(id) else { continue }
      let isSpecial = specialContents.contains(ExactString(member.key))
      addedTokens.append(TokenizerParts.AddedToken(id: id, content: member.key, fields: .null, isSpecial: isSpecial))
    }
  }

  private static func object(
    _ name: String, _ read: (String) throws(GriffinError) -> (bytes: [UInt8], path: String)?
  ) throws(GriffinError) -> (object: JSONObject, path: String)? {
    guard let (bytes, path) = try read(name) else { return nil }
    guard let object = try JSONValue.parse(bytes.rawBytes, limits: .config, file: path).object else {
      throw GriffinError(.malformed, file: path, "expected a JSON object")
    }
    return (object, path)
  }

  /// Whether Hugging Face's class for this tokenizer takes the tokens around a text from the configuration alone.
  private var decidesSurroundings: Bool {
    guard let tokenizerClass else { return false }
    return tokenizerClass.contains("Llama")
  }

  /// The ids around a text.
  /// - Parameter declared: What the tokenizer's own file says; nil where it cannot say it.
  func surroundings(
    declared: (prefix: [Int], suffix: [Int])?, id: (String) -> Int?
  ) -> (prefix: [Int], suffix: [Int]) {
    if let declared, !decidesSurroundings { return declared }
    var (prefix, suffix): ([Int], [Int]) = ([], [])
    if addsBegin ?? true, let token = beginToken.flatMap(id) { prefix = [token] }
    if addsEnd ?? false, let token = endToken.flatMap(id) { suffix = [token] }
    return (prefix, suffix)
  }
}
