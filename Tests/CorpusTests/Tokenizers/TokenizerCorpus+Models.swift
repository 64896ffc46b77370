import ByteStorage

extension TokenizerCorpus {
  /// A target whose tokenizer.model was changed.
  private static func model(
    _ name: String, _ words: String, _ kind: GriffinError.Kind = .malformed, _ mentions: String...,
    change: @escaping @Sendable (inout ModelBuilder) -> Void
  ) -> HostileCase {
    HostileCase("sentencepiece-\(name)", rule: Rule(page, words), kind: kind, mentions: ["tokenizer.model"] + mentions) {
      folder in
      try folder.writeTarget()
      var model = ModelBuilder()
      change(&model)
      try folder.write(model.bytes, to: "target/tokenizer.model")
    }
  }

  private static let buffer = "a protocol buffer that is cut off"
  private static let pieces = "P1. A piece is UTF-8 of one byte or more"
  private static let kinds = "P2. There is one unknown piece"

  static let models: [HostileCase] = [
    model("empty", buffer, .malformed, "no pieces") { $0.file = [] },
    model("text", buffer, .malformed, "byte") { $0.file = Array("tokenizer".utf8) },
    model("cut-in-a-piece", buffer, .malformed, "cut off") { $0.file = Array($0.bytes.prefix(100)) },
    model("cut-before-the-trainer", buffer, .malformed, "trainer") { $0.hasTrainer = false },
    model("cut-before-the-normalizer", buffer, .malformed, "normalizer") { $0.hasNormalizer = false },
    model("cut-in-a-number", buffer, .malformed, "cut off") { $0.trailing = [0x80] },
    model("number-of-11-bytes", buffer, .malformed, "more than 10 bytes") {
      $0.trailing = [UInt8](repeating: 0xFF, count: 11) + [1]
    },
    model("length-of-64-bits", buffer, .malformed, "18446744073709551615") { $0.trailing = [0x0A] + ModelBuilder.variable(.max) },
    model("length-of-63-bits", buffer, .malformed, "9223372036854775807") {
      $0.trailing = [0x0A] + ModelBuilder.variable(UInt64(Int64.max))
    },
    model("length-one-too-many", buffer, .malformed, "cut off") { $0.trailing = [0x0A, 2, 0x0A] },
    model("field-zero", buffer, .malformed, "field number 0") { $0.trailing = [0x02, 0] },
    model("field-huge", buffer, .malformed, "field number") { $0.trailing = ModelBuilder.variable(1 << 60 | 2) + [0] },
    model("group", buffer, .malformed, "wire type 3") { $0.trailing = [0x0B, 0x0C] },
    model("wire-type-7", buffer, .malformed, "wire type 7") { $0.trailing = [0x0F] },
    model("float-cut-off", buffer, .malformed, "cut off") { $0.trailing = [0x0D, 0, 0] },
    model("piece-not-utf-8", pieces, .malformed, "piece 6") { $0.pieces[6].text = [0xFF, 0xFE] },
    model("piece-overlong", pieces, .malformed, "piece 6") { $0.pieces[6].text = [0xC1, 0x81] },
    model("piece-a-surrogate", pieces, .malformed, "piece 6") { $0.pieces[6].text = [0xED, 0xA0, 0x80] },
    model("piece-empty", pieces, .malformed, "piece 6") { $0.pieces[6].text = [] },
    model("piece-twice", "no piece is there twice", .malformed, "6 and 32") {
      $0.pieces.append(.init(text: $0.pieces[6].text, score: -99))
    },
    model("control-twice", "no piece is there twice", .malformed, "<s>") {
      $0.pieces.append(.init(text: Array("<s>".utf8), score: 0, type: 3))
    },
    model("piece-of-type-0", pieces, .malformed, "type 0") { $0.pieces[6].type = 0 },
    model("piece-of-type-7", pieces, .malformed, "type 7") { $0.pieces[6].type = 7 },
    model("piece-of-type-2-to-the-63", pieces, .malformed, "type") { $0.pieces[6].type = 1 << 63 },
    model("score-not-a-number", pieces, .malformed, "score of piece 6") { $0.pieces[6].score = .nan },
    model("piece-of-513-bytes", "512 where scores decide", .unsafe, "513 bytes") {
      $0.pieces[6].text = [UInt8](repeating: 0x78, count: 513)
    },
    model("no-unknown-piece", kinds, .malformed, "0 unknown pieces") { $0.pieces[0].type = 3 },
    model("two-unknown-pieces", kinds, .malformed, "2 unknown pieces") { $0.pieces[1].type = 2 },
    model("byte-piece-of-no-byte", kinds, .malformed, "piece 6") { $0.pieces[6].type = 6 },
    model("fallback-without-bytes", kinds, .malformed, "0 of 256") { $0.trainer.append((35, 1)) },
    model("fallback-without-one-byte", kinds, .malformed, "255 of 256") { model in
      model.trainer.append((35, 1))
      for byte in 0..<255 {
        let digits = String(byte, radix: 16, uppercase: true)
        model.pieces.append(.init(text: Array("<0x\(byte < 16 ? "0" : "")\(digits)>".utf8), score: 0, type: 6))
      }
    },
    model("user-defined-of-too-many-bytes", "all of them of more than 1 MiB", .unsafe, "user-defined") { model in
      for index in 0..<11_000 {
        let text = String(repeating: "\(index)-", count: 50).utf8.prefix(100)
        model.pieces.append(.init(text: Array(text), score: 0, type: 4))
      }
    },
    model("long-pieces-that-cost-too-much", "the squares of their lengths", .unsafe, "pieces") { model in
      for index in 0..<6000 {
        model.pieces.append(.init(text: Array("\(index)-".utf8) + [UInt8](repeating: 0x61, count: 500), score: 0))
      }
    },
    model("larger-than-its-limit", "a `tokenizer.model` of more than 64 MiB", .unsafe, "67108865") {
      $0.file = [UInt8](repeating: 0, count: (64 << 20) + 1)
    },
  ]
}
