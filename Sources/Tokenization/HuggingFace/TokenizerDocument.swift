internal import ByteStorage

/// A tokenizer.json as it is written: the large lists as they stream by, everything else as small trees.
struct TokenizerDocument {
  /// The pieces of `model.vocab` as they are spelled, in the file's order, numbered by their ids.
  private(set) var spellings = ByteTable()
  private(set) var merges: MergeList
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

  /// The trees that are kept: no released one has a thousandth of it.
  private static let smallValue = JSONLimits(bytes: 1 << 20, depth: 32, values: 1 << 16, stringBytes: 1 << 16)

  /// - Throws: `malformed` where the bytes are no such document, `unsupported` for a model other than BPE, `unsafe` for
  ///   what exceeds a limit.
  init(_ bytes: [UInt8], file: String) throws(GriffinError) {
    (self.bytes, self.file) = (bytes, file)
    merges = MergeList(bytes, file: file)
    var reader = JSONReader(bytes.rawBytes, limits: .tokenizer, file: file)
    try reader.beginObject("the tokenizer")
    while let key = try reader.nextKey() {
      switch key {
      case "model": try readModel(&reader)
      case "added_tokens": try readAddedTokens(&reader)
      case "normalizer": normalizer = try small(&reader)
      case "pre_tokenizer": preTokenizer = try small(&reader)
      case "post_processor": postProcessor = try small(&reader)
      case "decoder": decoder = try small(&reader)
      default: try reader.skipValue()
      }
    }
    try reader.finish()
    guard spellings.count > 0 || merges.count == 0 else { throw GriffinError(.malformed, file: file, "model.vocab is missing") }
  }

  private mutating func readModel(_ reader: inout JSONReader) throws(GriffinError) {
    try reader.beginObject("model")
    while let key = try reader.nextKey() {
      switch key {
      case "type": model.type = try reader.readString("model.type")
      case "vocab": try readVocabulary(&reader)
      case "merges": try merges.read(&reader)
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
  }

  private mutating func readVocabulary(_ reader: inout JSONReader) throws(GriffinError) {
    let token = try reader.nextToken()
    guard token == .beginObject else {
      if token == .beginArray {
        throw GriffinError(
          .unsupported, file: file, offset: reader.offset, "model.vocab is a list, as of a Unigram model; only BPE is read")
      }
      throw reader.mismatch("model.vocab", expected: "an object", found: token)
    }
    // Released ones take some fifty bytes a piece, with its merges; more grow.
    var pieces = TextList(room: bytes.count / 48, byteCount: bytes.count / 7)
    var ids: [Int32] = []
    ids.reserveCapacity(bytes.count / 48)
    var areInOrder = true
    reader.refusesDuplicateKeys = false
    while try reader.goesOnWithKey() {
      let byteCount = reader.text.byteCount
      guard byteCount <= TokenizerLimits.pieceBytes else {
        throw GriffinError(
          .unsafe, file: file, offset: reader.offset,
          "a piece has \(byteCount) bytes; at most \(TokenizerLimits.pieceBytes) are read")
      }
      guard ids.count < TokenizerLimits.pieces else {
        throw GriffinError(
          .unsafe, file: file, offset: reader.offset, "the vocabulary has more than \(TokenizerLimits.pieces) pieces")
      }
      pieces.append(reader.text)
      let token = try reader.nextToken()
      guard case .integer(let id) = token else {
        throw reader.mismatch("the id of \"\(pieces.last.shortened(to: 40))\"", expected: "an integer", found: token)
      }
      guard let small = Int32(exactly: id), small >= 0 else {
        throw GriffinError(
          .malformed, file: file, offset: reader.offset,
          "the id of \"\(pieces.last.shortened(to: 40))\" is \(id); expected 0 or more\(id < 0 ? "" : ", and no holes between ids")")
      }
      areInOrder = areInOrder && id == ids.count
      ids.append(small)
    }
    reader.refusesDuplicateKeys = true
    guard let distinct = ByteTable(distinct: pieces.bytes, starts: pieces.starts, values: areInOrder ? [] : ids) else {
      // A reader that remembers keys refuses the document by the place of the one that is there twice.
      var strict = JSONReader(bytes.rawBytes, limits: .tokenizer, file: file)
      try strict.skipValue()
      throw GriffinError(.malformed, file: file, "model.vocab has a piece twice")
    }
    spellings = distinct
    merges.vocabulary = spellings
  }

  /// A piece as it is spelled, by its place in the file.
  func text(at index: Int) -> [UInt8] { spellings.block.rawBytes.extracting(spellings.range(at: index)).copied }

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
      switch try reader.nextToken() {
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
