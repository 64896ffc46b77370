internal import ByteStorage

/// The tokenizer in a GGUF file's metadata, as the files that a Hugging Face repository would have.
///
/// SentencePiece vocabularies become a `tokenizer.model`, which holds exactly what GGUF keeps of one: pieces, scores and
/// kinds. Byte-level BPE becomes a `tokenizer.json` with the pre-tokenizer that `tokenizer.ggml.pre` names. Either way
/// `tokenizer_config.json` has the special tokens and the chat template.
///
/// - Source: `formats/gguf.md`, section on tokenizers.
struct GGUFTokenizer {
  /// Contents by file name.
  private(set) var files: [String: [UInt8]] = [:]
  private(set) var warnings: [String] = []

  /// - Throws: `malformed` or `inconsistent` where vocabulary, scores, kinds and special tokens do not fit each other.
  init(_ metadata: GGUFMetadata, vocabularySize: Int) throws(GriffinError) {
    let kind = try metadata.string("tokenizer.ggml.model")
    var vocabulary: GGUFVocabulary?
    switch kind {
    case "llama":
      vocabulary = try GGUFVocabulary(metadata, vocabularySize: vocabularySize)
      if let vocabulary { files["tokenizer.model"] = try SentencePieceModel(vocabulary, metadata).bytes }
    case "gpt2":
      vocabulary = try GGUFVocabulary(metadata, vocabularySize: vocabularySize)
      let name = try metadata.string("tokenizer.ggml.pre") ?? "default"
      if let vocabulary, let splitting = GGUFPreTokenizer.named(name) {
        files["tokenizer.json"] = try ByteLevelTokenizer(vocabulary, splitting, metadata).document.fileBytes
      } else {
        warnings.append(
          "\(metadata.file.path): tokenizer.ggml.pre is \(name.shortened(to: 40)), which is not known; no tokenizer is carried over".printable)
      }
    case nil, "none", "no_vocab": break
    case let other?:
      warnings.append(
        "\(metadata.file.path): tokenizer.ggml.model is \(other.shortened(to: 40)), which is not known; no tokenizer is carried over".printable)
    }
    if let config = try GGUFTokenizer.config(metadata, vocabulary, isSentencePiece: kind == "llama") {
      files["tokenizer_config.json"] = config.fileBytes
    }
  }

  /// `tokenizer_config.json`; nil where there is nothing to say in it.
  private static func config(
    _ metadata: GGUFMetadata, _ vocabulary: GGUFVocabulary?, isSentencePiece: Bool
  ) throws(GriffinError) -> JSONObject? {
    var config: JSONObject = [:]
    if let vocabulary {
      config["add_bos_token"] = .bool(vocabulary.addsBegin)
      config["add_eos_token"] = .bool(vocabulary.addsEnd)
      if isSentencePiece {
        config["add_prefix_space"] = .bool(try metadata.bool("tokenizer.ggml.add_space_prefix") ?? true)
        config["legacy"] = true
      }
      config["added_tokens_decoder"] = .object(
        JSONObject(vocabulary.added.map { JSONObject.Member(key: "\($0.id)", value: .object($0.document)) }))
      let names = [("bos", "bos_token"), ("eos", "eos_token"), ("unknown", "unk_token"), ("padding", "pad_token")]
      for (name, key) in names {
        let id = try metadata.token(name, vocabularySize: vocabulary.tokens.count)
        config[key] = id.map { .string(vocabulary.tokens[$0]) } ?? .null
      }
      config["tokenizer_class"] = isSentencePiece ? "LlamaTokenizer" : "PreTrainedTokenizerFast"
    }
    config["chat_template"] = try chatTemplate(metadata)
    return config.isEmpty ? nil : config
  }

  /// The template, or a list of them by name where there are several; inert text.
  private static func chatTemplate(_ metadata: GGUFMetadata) throws(GriffinError) -> JSONValue? {
    let key = "tokenizer.chat_template"
    let template = try metadata.string(key)
    let names = try metadata.strings("tokenizer.chat_templates") ?? []
    guard !names.isEmpty else { return template.map { .string($0) } }
    var list: [JSONValue] = []
    if let template { list.append(["name": "default", "template": .string(template)]) }
    for name in names where name != "default" {
      guard let template = try metadata.string("\(key).\(name)") else { continue }
      list.append(["name": .string(name), "template": .string(template)])
    }
    return list.isEmpty ? nil : .array(list)
  }
}
