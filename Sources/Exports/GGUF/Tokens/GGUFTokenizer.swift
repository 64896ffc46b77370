internal import Bundles
internal import ByteStorage
internal import Models
internal import Tokenization

/// A target's tokenizer as `tokenizer.*` of a GGUF file.
///
/// - Source: `_set_vocab_gpt2`, `_set_vocab_sentencepiece` and `SpecialVocab` of llama.cpp's converter.
struct GGUFTokenizer {
  private(set) var head = GGUFHead()
  private(set) var warnings: [String] = []

  private let request: ExportRequest
  private var bundle: ModelBundle { request.bundle }

  /// - Parameter configuration: The target's: its vocabulary, and the tokens that begin and end a text.
  /// - Throws: `unsupported` for a tokenizer that llama.cpp has no name for; what reading it throws.
  init(_ request: ExportRequest, _ configuration: TransformerConfiguration) throws(GriffinError) {
    self.request = request
    let config = try document("tokenizer_config.json")
    guard let loaded = try TokenizerParts.load(label: bundle.file.path, read: { (name) throws(GriffinError) in try contents(name) }) else {
      head.add("tokenizer.ggml.model", "none")
      warnings.append("\(bundle.file.path): there is no tokenizer to export; llama.cpp takes ids alone then".printable)
      try addTemplates(config)
      return
    }
    let parts = loaded.parts
    warnings += loaded.warnings
    let tokenizer: Tokenizer
    do throws(GriffinError) { tokenizer = try Tokenizer(parts) } catch { throw error.located(file: loaded.file) }
    let count = configuration.vocabularySize
    if parts.pieces.count > count {
      warn("the tokenizer has \(parts.pieces.count) tokens and the model \(count); those beyond are left out", loaded.file)
    }
    if let token = parts.addedTokens.first(where: { $0.stripsLeft || $0.stripsRight || $0.isSingleWord }) {
      warn("\"\(token.content.shortened(to: 40))\" takes the spaces beside it or stands between words alone, which GGUF does not say", loaded.file)
    }
    switch parts.kind {
    case .byteLevel: try addByteLevel(parts, count: count, file: loaded.file)
    case .sentencePiece: try addSentencePiece(parts, loaded.scoredPieces, count: count, file: loaded.file)
    }
    let tokens = ModelTemplate.specialTokens(config: config, map: try document("special_tokens_map.json"))
    try addSpecialTokens(parts, configuration, file: loaded.file) { name in
      tokens[name]?.string.flatMap { tokenizer.id(ofToken: $0) }.flatMap { $0 < count ? $0 : nil }
    }
    try addTemplates(config)
  }

  private mutating func warn(_ message: String, _ file: String) { warnings.append("\(file): \(message)".printable) }

  private func contents(_ name: String) throws(GriffinError) -> [UInt8]? {
    try bundle.attachment(named: Component.target.prefix + name)
  }

  private func document(_ name: String) throws(GriffinError) -> JSONValue? {
    guard let bytes = try contents(name) else { return nil }
    return try JSONValue.parse(bytes.rawBytes, limits: .config, file: "\(bundle.file.path)/\(name)")
  }

  private mutating func addByteLevel(_ parts: TokenizerParts, count: Int, file: String) throws(GriffinError) {
    let splitting = try PreTokenizerName(parts, file: file)
    if let warning = splitting.warning { warnings.append(warning) }
    let vocabulary = GGUFVocabulary(parts, count: count, pieceScores: [])
    let merges = parts.merges?.ids ?? []
    add(vocabulary, model: "gpt2", pre: splitting.name)
    func spelled(_ id: Int) -> [UInt8] { ByteAlphabet.spell(parts.pieces[id].bytes[...]) }
    head.add(
      "tokenizer.ggml.merges", texts: merges.map { spelled($0.left) + [UInt8(ascii: " ")] + spelled($0.right) })
  }

  private mutating func addSentencePiece(
    _ parts: TokenizerParts, _ scored: PieceList?, count: Int, file: String
  ) throws(GriffinError) {
    let rules = try SentencePieceRules(parts, file: file)
    warnings += rules.warnings
    var parts = parts
    let scores: [Float]
    if let scored {
      // The model says what its pieces are; tokens beyond it were added.
      parts.pieces = PieceList(parts.pieces.indices.map { $0 < scored.count ? scored[$0] : parts.pieces[$0] })
      scores = scored.map(\.score)
    } else {
      scores = try SentencePieceScores(parts, file: file).scores
    }
    let vocabulary = GGUFVocabulary(parts, count: count, pieceScores: scores)
    head.add("tokenizer.ggml.add_space_prefix", rules.addsSpacePrefix)
    add(vocabulary, model: "llama", pre: "default")
    head.add("tokenizer.ggml.scores", floats: vocabulary.scores)
  }

  private mutating func add(_ vocabulary: GGUFVocabulary, model: String, pre: String) {
    head.add("tokenizer.ggml.model", model)
    head.add("tokenizer.ggml.pre", pre)
    head.add("tokenizer.ggml.tokens", texts: vocabulary.texts)
    head.add("tokenizer.ggml.token_type", integers: vocabulary.kinds.map(\.rawValue))
  }

  /// The tokens with a part to play, by their ids, and which of them go around a text.
  /// - Parameter id: The id of a token that the tokenizer's configuration names, such as `pad_token`.
  private mutating func addSpecialTokens(
    _ parts: TokenizerParts, _ configuration: TransformerConfiguration, file: String, id: (String) -> Int?
  ) throws(GriffinError) {
    guard parts.prefix.count <= 1, parts.suffix.count <= 1 else {
      throw GriffinError(
        .unsupported, file: file,
        "\(parts.prefix.count) tokens go before a text and \(parts.suffix.count) after it; llama.cpp puts one there at most",
        hints: [GGUFTarget.instead])
    }
    let known = 0..<configuration.vocabularySize
    var ends = configuration.endTokens.filter(known.contains)
    // What goes after a text comes first, then the tokenizer's own end, as in the converter.
    let own = id("eos_token").flatMap { ends.isEmpty || ends.contains($0) ? $0 : nil }
    if let first = parts.suffix.first ?? own { ends = [first] + ends.filter { $0 != first } }
    let stated = try request.attachedConfig(of: .target)?["pad_token_id"]?.integer
    let begin = parts.prefix.first ?? id("bos_token") ?? configuration.beginTokens.first(where: known.contains)
    for (name, token) in [
      ("bos", begin), ("eos", ends.first), ("unknown", parts.unknownToken ?? id("unk_token")), ("padding", id("pad_token") ?? stated),
    ] {
      if let token, known.contains(token) { head.add("tokenizer.ggml.\(name)_token_id", count: token) }
    }
    try addFurtherEnds(Array(ends.dropFirst()), parts, file: file)
    if ends.isEmpty { warn("the model names no token that ends a text; llama.cpp assumes one", file) }
    head.add("tokenizer.ggml.add_bos_token", !parts.prefix.isEmpty)
    head.add("tokenizer.ggml.add_eos_token", !parts.suffix.isEmpty)
  }

  /// GGUF names two ends beside the first: of a turn and of a message.
  private mutating func addFurtherEnds(_ ends: [Int], _ parts: TokenizerParts, file: String) throws(GriffinError) {
    let message = ends.first { parts.pieces.indices.contains($0) && parts.pieces[$0].bytes == Array("<|eom_id|>".utf8) }
    let others = ends.filter { $0 != message }
    let (turn, end) = (others.first, message ?? others.dropFirst().first)
    if let turn { head.add("tokenizer.ggml.eot_token_id", count: turn) }
    if let end { head.add("tokenizer.ggml.eom_token_id", count: end) }
    let left = ends.filter { $0 != turn && $0 != end }
    if !left.isEmpty { warn("GGUF names three tokens that end a text; \(left) are left out", file) }
  }

  /// The chat template, or all that go by a name.
  private mutating func addTemplates(_ config: JSONValue?) throws(GriffinError) {
    let key = "tokenizer.chat_template"
    let list = try contents("chat_template.jinja") == nil ? config?["chat_template"]?.array ?? [] : []
    guard !list.isEmpty else {
      let template = try ChatTemplateText.find { (name) throws(GriffinError) in try contents(name) }
      if let template { head.add(key, template.text) }
      return
    }
    var names: [String] = []
    for entry in list {
      guard let name = entry["name"]?.string, let text = entry["template"]?.string else { continue }
      guard name != "default" else {
        head.add(key, text)
        continue
      }
      let plain = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
      guard !plain.isEmpty, !names.contains(plain) else { continue }
      names.append(plain)
      head.add("\(key).\(plain)", text)
    }
    if !names.isEmpty { head.add("tokenizer.chat_templates", texts: names.map { Array($0.utf8) }) }
  }
}
