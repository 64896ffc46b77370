internal import ByteStorage

/// A `tokenizer.json` for a byte-level BPE vocabulary of GGUF, laid out as Hugging Face's tokenizers write it.
///
/// - Source: the `tokenizer.json` of LLaMA 3 and Qwen2.
struct ByteLevelTokenizer {
  let document: JSONObject

  /// - Throws: `malformed` where there are no merges.
  init(_ vocabulary: GGUFVocabulary, _ splitting: GGUFPreTokenizer, _ metadata: GGUFMetadata) throws(GriffinError) {
    guard let merges = try metadata.strings("tokenizer.ggml.merges") else {
      throw GriffinError(.malformed, file: metadata.file.path, "tokenizer.ggml.merges is missing; byte-pair encoding needs it")
    }
    let count = vocabulary.tokens.count
    let begin = vocabulary.addsBegin ? try metadata.token("bos", vocabularySize: count) : nil
    let end = vocabulary.addsEnd ? try metadata.token("eos", vocabularySize: count) : nil
    document = [
      "version": "1.0",
      "truncation": nil,
      "padding": nil,
      "added_tokens": .array(
        vocabulary.added.map { token in
          [
            "id": .integer(token.id), "content": .string(token.content), "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": .bool(token.isSpecial),
          ]
        }),
      "normalizer": splitting.composes ? ["type": "NFC"] : nil,
      "pre_tokenizer": ByteLevelTokenizer.preTokenizer(splitting),
      "post_processor": ByteLevelTokenizer.postProcessor(
        begin: begin.map { ($0, vocabulary.tokens[$0]) }, end: end.map { ($0, vocabulary.tokens[$0]) }),
      "decoder": ByteLevelTokenizer.byteLevel(addsSpace: true, trims: true, splits: true),
      "model": [
        "type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil, "end_of_word_suffix": nil,
        "fuse_unk": false, "byte_fallback": false, "ignore_merges": .bool(splitting.ignoresMerges),
        "vocab": .object(
          JSONObject(
            vocabulary.tokens.indices.filter { vocabulary.kinds[$0] == .normal || vocabulary.kinds[$0] == .byte }
              .map { JSONObject.Member(key: vocabulary.tokens[$0], value: .integer($0)) })),
        "merges": .array(merges.map { .string($0) }),
      ],
    ]
  }

  private static func byteLevel(addsSpace: Bool, trims: Bool, splits: Bool) -> JSONValue {
    ["type": "ByteLevel", "add_prefix_space": .bool(addsSpace), "trim_offsets": .bool(trims), "use_regex": .bool(splits)]
  }

  private static func preTokenizer(_ splitting: GGUFPreTokenizer) -> JSONValue {
    let splits: [JSONValue] = splitting.patterns.map { pattern in
      ["type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated", "invert": false]
    }
    return ["type": "Sequence", "pretokenizers": .array(splits + [byteLevel(addsSpace: false, trims: true, splits: false)])]
  }

  /// Puts the begin and the end token around a text.
  private static func postProcessor(begin: (id: Int, text: String)?, end: (id: Int, text: String)?) -> JSONValue {
    let bytes = byteLevel(addsSpace: true, trims: false, splits: true)
    guard begin != nil || end != nil else { return bytes }
    func special(_ token: (id: Int, text: String)?, type: Int) -> [JSONValue] {
      token.map { [["SpecialToken": ["id": .string($0.text), "type_id": .integer(type)]]] } ?? []
    }
    func around(_ name: String, type: Int) -> [JSONValue] {
      special(begin, type: type) + [["Sequence": ["id": .string(name), "type_id": .integer(type)]]] + special(end, type: type)
    }
    var tokens = JSONObject()
    for token in [begin, end] {
      guard let token else { continue }
      tokens[token.text] = ["id": .string(token.text), "ids": [.integer(token.id)], "tokens": [.string(token.text)]]
    }
    return [
      "type": "Sequence",
      "processors": [
        bytes,
        [
          "type": "TemplateProcessing", "single": .array(around("A", type: 0)),
          "pair": .array(around("A", type: 0) + around("B", type: 1)), "special_tokens": .object(tokens),
        ],
      ],
    ]
  }
}
