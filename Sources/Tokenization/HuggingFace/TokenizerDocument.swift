internal import ByteStorage

/// A tokenizer.json as it is written: the large lists as they stream by, everything else as small trees.
struct TokenizerDocument {
  /// The pieces of `model.vocab` with their ids, in the file's order.
  private(set) var vocabulary: [(text: [UInt8], id: Int)] = []
  /// The id of each piece by its text.
  private(set) var ids = ByteTable()
  private(set) var merges: [TokenizerParts.Merge] = []
  private(set) var addedTokens: [TokenizerParts.AddedToken] = []
  private(set) var normalizer: JSONValue = .null
  private(set) var preTokenizer: JSONValue = .null
  private(set) var postProcessor: JSONValue = .null
  private(set) var decoder: JSONValue = .null
  private(set) var model = ModelFields()

  /// The members of `model` but the lists.
  struct ModelFields {
    var type: String?
    var unknownToken: String?
    var fusesUnknown = false
    var fallsBackToBytes = false
    var ignoresMerges = false
    /// Members that change what pieces mean and are not read, where they are set.
    var unsupported: [String] = []
  }

  private let bytes: [UInt8]
  private let file: String
  private var readsVocabulary = true

  /// The trees that are kept: no released one has a thousandth of it.
  private static let smallValue = JSONLimits(bytes: 1 << 20, depth: 32, values: 1 << 16, stringBytes: 1 << 16)

  /// - Throws: `malformed` where the bytes are no such document, `unsupported` for a model other than BPE, `unsafe` for
  ///   what exceeds a limit.
  init(_ bytes: [UInt8], file: String) throws(GriffinError) {
    (self.bytes, self.file) = (bytes, file)
    guard try read(readsMerges: true) else {
      // The merges stood before the vocabulary whose pieces they name.
      guard try read(readsMerges: true) else {
        throw GriffinError(.malformed, file: file, "model.vocab is missing")
      }
      return
    }
  }

  /// - Returns: Whether the merges could be read.
  private mutating func read(readsMerges: Bool) throws(GriffinError) -> Bool {
    let isAgain = !vocabulary.isEmpty
    var isComplete = true
    let bytes = bytes
    var reader = JSONReader(bytes.rawBytes, limits: .tokenizer, file: file)
    try reader.beginObject("the tokenizer")
    while let key = try reader.nextKey() {
      switch key {
      case "model":
        isComplete = try readModel(&reader)
      case "added_tokens" where !isAgain: try readAddedTokens(&reader)
      case "normalizer": normalizer = try small(&reader)
      case "pre_tokenizer": preTokenizer = try small(&reader)
      case "post_processor": postProcessor = try small(&reader)
      case "decoder": decoder = try small(&reader)
      default: try reader.skipValue()
      }
    }
    try reader.finish()
    readsVocabulary = false
    return isComplete
  }

  private mutating func readModel(_ reader: inout JSONReader) throws(GriffinError) -> Bool {
    model.unsupported = []
    var isComplete = true
    try reader.beginObject("model")
    while let key = try reader.nextKey() {
      switch key {
      case "type": model.type = try reader.readString("model.type")
      case "vocab": try readsVocabulary ? readVocabulary(&reader) : reader.skipValue()
      case "merges":
        if vocabulary.isEmpty {
          isComplete = false
          try reader.skipValue()
        } else {
          try readMerges(&reader)
        }
      case "unk_token": model.unknownToken = try small(&reader).string
      case "fuse_unk": model.fusesUnknown = try small(&reader).bool ?? false
      case "byte_fallback": model.fallsBackToBytes = try small(&reader).bool ?? false
      case "ignore_merges": model.ignoresMerges = try small(&reader).bool ?? false
      case "dropout":
        if try small(&reader).double ?? 0 > 0 { model.unsupported.append(key) }
      case "continuing_subword_prefix", "end_of_word_suffix":
        if try small(&reader).string?.isEmpty == false { model.unsupported.append(key) }
      default: try reader.skipValue()
      }
    }
    guard model.type ?? "BPE" == "BPE" else {
      throw GriffinError(
        .unsupported, file: file,
        "the model is of type \((model.type ?? "").shortened(to: 40)); only BPE is read".printable)
    }
    return isComplete
  }

  private mutating func readVocabulary(_ reader: inout JSONReader) throws(GriffinError) {
    let event = try reader.next()
    guard event == .beginObject else {
      if event == .beginArray {
        throw GriffinError(
          .unsupported, file: file, offset: reader.offset, "model.vocab is a list, as of a Unigram model; only BPE is read")
      }
      throw reader.mismatch("model.vocab", expected: "an object", found: event)
    }
    while let piece = try reader.nextKey() {
      let text = Array(piece.utf8)
      guard text.count <= TokenizerLimits.pieceBytes else {
        throw GriffinError(
          .unsafe, file: file, offset: reader.offset,
          "a piece has \(text.count) bytes; at most \(TokenizerLimits.pieceBytes) are read")
      }
      guard vocabulary.count < TokenizerLimits.pieces else {
        throw GriffinError(
          .unsafe, file: file, offset: reader.offset, "the vocabulary has more than \(TokenizerLimits.pieces) pieces")
      }
      let event = try reader.next()
      guard case .integer(let id) = event else {
        throw reader.mismatch("the id of \"\(piece.shortened(to: 40))\"", expected: "an integer", found: event)
      }
      guard id >= 0 else {
        throw GriffinError(
          .malformed, file: file, offset: reader.offset, "the id of \"\(piece.shortened(to: 40))\" is \(id); expected 0 or more")
      }
      // The reader has seen to it that no key is there twice. The index says where, until ids are known to be sound.
      _ = ids.insert(text, value: vocabulary.count)
      vocabulary.append((text, id))
    }
  }

  /// Merges are `"a b"` or `["a", "b"]`.
  private mutating func readMerges(_ reader: inout JSONReader) throws(GriffinError) {
    try reader.beginArray("model.merges")
    while try reader.hasNextElement() {
      let event = try reader.next()
      let offset = reader.offset
      let (left, right): (String, String)
      switch event {
      case .string(let text):
        let halves = text.split(separator: " ", omittingEmptySubsequences: false)
        guard halves.count == 2 else {
          throw GriffinError(
            .malformed, file: file, offset: offset,
            "merge \(merges.count) is \"\(text.shortened(to: 40))\"; expected two pieces with a space between them".printable)
        }
        (left, right) = (String(halves[0]), String(halves[1]))
      case .beginArray:
        (left, right) = (try element(&reader), try element(&reader))
        guard try !reader.hasNextElement() else {
          throw GriffinError(.malformed, file: file, offset: offset, "merge \(merges.count) has more than two pieces")
        }
      default: throw reader.mismatch("merge \(merges.count)", expected: "two pieces", found: event)
      }
      guard merges.count < TokenizerLimits.merges else {
        throw GriffinError(.unsafe, file: file, offset: offset, "there are more than \(TokenizerLimits.merges) merges")
      }
      merges.append(
        TokenizerParts.Merge(
          left: try id(left, offset), right: try id(right, offset), result: try id(left + right, offset)))
    }
  }

  private func element(_ reader: inout JSONReader) throws(GriffinError) -> String {
    guard try reader.hasNextElement() else {
      throw GriffinError(.malformed, file: file, offset: reader.offset, "merge \(merges.count) has fewer than two pieces")
    }
    return try reader.readString("a half of merge \(merges.count)")
  }

  private func id(_ piece: String, _ offset: Int) throws(GriffinError) -> Int {
    guard let index = ids.value(of: Array(piece.utf8)) else {
      throw GriffinError(
        .malformed, file: file, offset: offset,
        "merge \(merges.count) needs the piece \"\(piece.shortened(to: 40))\", which is not in the vocabulary".printable)
    }
    return vocabulary[index].id
  }

  private mutating func readAddedTokens(_ reader: inout JSONReader) throws(GriffinError) {
    try reader.beginArray("added_tokens")
    while try reader.hasNextElement() {
      let token = try small(&reader)
      guard let id = token["id"]?.integer, id >= 0, let content = token["content"]?.string, !content.isEmpty else {
        throw GriffinError(
          .malformed, file: file, offset: reader.offset, "added token \(addedTokens.count) needs an id of 0 or more and a content"
        )
      }
      guard addedTokens.count < TokenizerLimits.addedTokens else {
        throw GriffinError(
          .unsafe, file: file, offset: reader.offset, "there are more than \(TokenizerLimits.addedTokens) added tokens")
      }
      addedTokens.append(TokenizerParts.AddedToken(id: id, content: content, fields: token))
    }
  }

  /// Reads one value as a tree, with limits of its own.
  private func small(_ reader: inout JSONReader) throws(GriffinError) -> JSONValue {
    let event = try reader.next()
    let start = reader.offset
    var depth: Int
    switch event {
    case .beginObject, .beginArray: depth = 1
    case .string(let text): return .string(text)
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .bool(let value): return .bool(value)
    default: return .null
    }
    while depth > 0 {
      switch try reader.next() {
      case .beginObject, .beginArray: depth += 1
      case .endObject, .endArray: depth -= 1
      default: break
      }
    }
    var tree = JSONReader(
      bytes.rawBytes.extracting(start..<reader.offset + 1), limits: TokenizerDocument.smallValue, file: file, baseOffset: start)
    let value = try tree.readValue()
    try tree.finish()
    return value
  }
}

extension TokenizerParts.AddedToken {
  /// - Parameter fields: Flags under Hugging Face's names; `normalized` is true of tokens that are not special where the
  ///   file is silent.
  init(id: Int, content: String, fields: JSONValue, isSpecial: Bool? = nil) {
    let special = isSpecial ?? fields["special"]?.bool ?? false
    self.init(
      id: id, content: content, isSpecial: special, stripsLeft: fields["lstrip"]?.bool ?? false,
      stripsRight: fields["rstrip"]?.bool ?? false, isSingleWord: fields["single_word"]?.bool ?? false,
      isNormalized: fields["normalized"]?.bool ?? !special)
  }
}
