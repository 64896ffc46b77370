internal import ByteStorage

/// The tokens of a GGUF file and what each is for.
struct GGUFVocabulary {
  /// `tokenizer.ggml.token_type`, whose numbers are SentencePiece's.
  enum Kind: Int {
    case normal = 1, unknown, control, userDefined, unused, byte
  }

  /// A token that is looked for in a text before anything is split.
  struct Added {
    var id: Int
    var content: String
    var isSpecial: Bool

    /// Its entry in `added_tokens_decoder`.
    var document: JSONObject {
      [
        "content": .string(content), "lstrip": false, "normalized": false, "rstrip": false, "single_word": false,
        "special": .bool(isSpecial),
      ]
    }
  }

  let tokens: [String]
  let kinds: [Kind]
  /// Whether a text begins with the begin token.
  let addsBegin: Bool
  /// Whether a text ends with the end token.
  let addsEnd: Bool

  /// - Returns: nil where the file has no tokens.
  /// - Throws: `malformed` for kinds that are unknown or fewer than tokens, `inconsistent` where there are not as many
  ///   tokens as the embedding has rows.
  init?(_ metadata: GGUFMetadata, vocabularySize: Int) throws(GriffinError) {
    guard let tokens = try metadata.strings("tokenizer.ggml.tokens") else { return nil }
    guard tokens.count == vocabularySize else {
      throw GriffinError(
        .inconsistent, file: metadata.file.path, offset: metadata["tokenizer.ggml.tokens"]?.offset,
        "tokenizer.ggml.tokens has \(tokens.count) tokens, but the token embedding has \(vocabularySize) rows")
    }
    let typeKey = "tokenizer.ggml.token_type"
    var kinds = [Kind](repeating: .normal, count: tokens.count)
    if let numbers = try metadata.integers(typeKey) {
      guard numbers.count == tokens.count else { throw metadata.miscounted(typeKey, numbers.count, tokens: tokens.count) }
      for (index, number) in numbers.enumerated() {
        // 0 is ggml's "undefined".
        guard let kind = Kind(rawValue: number == 0 ? 1 : number) else {
          throw GriffinError(
            .malformed, file: metadata.file.path, offset: metadata[typeKey]?.offset,
            "\(typeKey) of token \(index) is \(number); expected 1 to 6")
        }
        kinds[index] = kind
      }
    }
    let isSentencePiece = try metadata.string("tokenizer.ggml.model") == "llama"
    let splitting = try GGUFPreTokenizer.named(metadata.string("tokenizer.ggml.pre") ?? "default")
    self.tokens = tokens
    self.kinds = kinds
    addsBegin = try metadata.bool("tokenizer.ggml.add_bos_token") ?? (isSentencePiece || splitting?.addsBegin ?? false)
    addsEnd = try metadata.bool("tokenizer.ggml.add_eos_token") ?? false
  }

  /// Special and user-defined tokens, in the order of their ids.
  var added: [Added] {
    tokens.indices.compactMap { id in
      switch kinds[id] {
      case .control, .unknown: Added(id: id, content: tokens[id], isSpecial: true)
      case .userDefined: Added(id: id, content: tokens[id], isSpecial: false)
      default: nil
      }
    }
  }
}

extension GGUFMetadata {
  /// A list that has not an element for every token.
  func miscounted(_ key: String, _ count: Int, tokens: Int) -> GriffinError {
    GriffinError(
      .malformed, file: file.path, offset: self[key]?.offset, "\(key) has \(count) elements; expected one for each of \(tokens) tokens")
  }
}
