internal import ByteStorage

/// A `tokenizer.model`: the protocol buffer that SentencePiece would have written for a vocabulary of GGUF.
///
/// - Source: `sentencepiece_model.proto` (field numbers).
struct SentencePieceModel {
  let bytes: [UInt8]

  /// - Throws: `malformed` where there is no score for every token.
  init(_ vocabulary: GGUFVocabulary, _ metadata: GGUFMetadata) throws(GriffinError) {
    let key = "tokenizer.ggml.scores"
    let count = vocabulary.tokens.count
    let scores = try metadata.floats(key) ?? []
    guard scores.count == count else { throw metadata.miscounted(key, scores.count, tokens: count) }
    func token(_ name: String) throws(GriffinError) -> Int? { try metadata.token(name, vocabularySize: count) }
    // A model has one unknown piece. The converter calls it a control token; the id tells.
    let unknown = try token("unknown") ?? vocabulary.kinds.firstIndex(of: .unknown) ?? 0

    var model = ProtocolBuffer()
    for (id, text) in vocabulary.tokens.enumerated() {
      var kind = vocabulary.kinds[id]
      if id == unknown { kind = .unknown } else if kind == .unknown { kind = .control }
      var piece = ProtocolBuffer()
      piece.add(1, text)
      piece.add(2, scores[id])
      if kind != .normal { piece.add(3, kind.rawValue) }
      model.add(1, piece)
    }
    var trainer = ProtocolBuffer()
    trainer.add(3, 2)  // byte-pair encoding
    trainer.add(4, count)
    // Falling back to bytes needs all of them.
    trainer.add(35, vocabulary.kinds.count { $0 == .byte } == 256 ? 1 : 0)
    trainer.add(40, unknown)
    trainer.add(41, try token("bos") ?? -1)
    trainer.add(42, try token("eos") ?? -1)
    trainer.add(43, try token("padding") ?? -1)
    for (field, name) in [(45, "unknown"), (46, "bos"), (47, "eos"), (48, "padding")] {
      if let id = try token(name) { trainer.add(field, vocabulary.tokens[id]) }
    }
    model.add(2, trainer)
    var normalizer = ProtocolBuffer()
    normalizer.add(1, "identity")
    normalizer.add(3, try metadata.bool("tokenizer.ggml.add_space_prefix") ?? true ? 1 : 0)
    normalizer.add(4, try metadata.bool("tokenizer.ggml.remove_extra_whitespaces") ?? false ? 1 : 0)
    normalizer.add(5, 1)
    model.add(3, normalizer)
    bytes = model.bytes
  }
}

/// Writes the fields of one message.
private struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ field: Int, _ value: Int) {
    addVarint(UInt64(field) << 3)
    addVarint(UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: Int, _ value: Float) {
    addVarint(UInt64(field) << 3 | 5)
    bytes.append(littleEndian: value.bitPattern)
  }

  mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

  mutating func add(_ field: Int, _ message: ProtocolBuffer) { add(field, message.bytes) }

  private mutating func add(_ field: Int, _ content: [UInt8]) {
    addVarint(UInt64(field) << 3 | 2)
    addVarint(UInt64(content.count))
    bytes += content
  }

  private mutating func addVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
