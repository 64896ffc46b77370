import ByteStorage
import TestSupport
import Testing
import Tokenization

/// What is refused, by its kind and with words that say why.
struct MalformedTests {
  private func expectRefusal(
    _ files: [String: [UInt8]], _ kind: GriffinError.Kind, saying words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: GriffinError.self, sourceLocation: sourceLocation) { try TokenizerFixtures.load(files) }
    #expect(
      error?.kind == kind && error?.file?.hasPrefix("tokenizer") == true, "\(String(describing: error))",
      sourceLocation: sourceLocation)
    for word in words {
      #expect(error?.message.contains(word) == true, "\(word) in \(error?.message ?? "")", sourceLocation: sourceLocation)
    }
  }

  private struct Unchanged: Error { let text: String }

  /// The golden tokenizer.json with its text changed.
  private func document(_ golden: String = "llama2-tiny", _ changes: (String, String)...) throws -> [String: [UInt8]] {
    let bytes = try TokenizerFixtures.files(ofGolden: golden)["tokenizer.json"] ?? []
    var value = try TokenizerFixtures.json(bytes).encoded()
    for (old, new) in changes {
      guard value.contains(old) else { throw Unchanged(text: old) }
      value = value.replacing(old, with: new, maxReplacements: 1)
    }
    return ["tokenizer.json": Array(value.utf8)]
  }

  @Test func idsRunWithoutHolesAndDuplicates() throws {
    try expectRefusal(document("llama2-tiny", ("\"▁t\":261", "\"▁t\":1700")), .malformed, saying: "1700", "1600", "holes")
    try expectRefusal(document("llama2-tiny", ("\"▁t\":261", "\"▁t\":262")), .malformed, saying: "262", "twice")
    try expectRefusal(document("llama2-tiny", ("\"▁t\":261", "\"▁t\":-1")), .malformed, saying: "-1")
    try expectRefusal(document("llama2-tiny", ("\"▁t\":261", "\"▁t\":260,\"▁t\":261")), .malformed, saying: "duplicate key")
    try expectRefusal(document("llama2-tiny", ("\"▁t\":261", "\"▁t\":\"x\"")), .malformed, saying: "integer")
    try expectRefusal(document("llama2-tiny", ("\"▁t\":261", "\"▁t\":4611686018427387904")), .malformed, saying: "holes")
    try expectRefusal(document("qwen2-tiny", ("\"id\":1502", "\"id\":1510")), .malformed, saying: "1510")
    try expectRefusal(document("qwen2-tiny", ("\"id\":1502", "\"id\":1501")), .malformed, saying: "1501")
    try expectRefusal(
      document("llama2-tiny", ("\"id\":1,\"content\":\"<s>\"", "\"id\":7,\"content\":\"<s>\"")), .inconsistent, saying: "<s>", "7"
    )
  }

  @Test func mergesNameWhatIsThere() throws {
    try expectRefusal(document("llama2-tiny", ("\"▁ t\"", "\"▁ qqq\"")), .malformed, saying: "merge 2", "qqq")
    try expectRefusal(document("llama2-tiny", ("\"▁ t\"", "\"▁ ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁\"")), .malformed, saying: "merge 2", "vocabulary")
    try expectRefusal(document("llama2-tiny", ("\"▁ t\"", "\"▁t\"")), .malformed, saying: "merge 2", "space")
    try expectRefusal(document("llama2-tiny", ("\"▁ t\"", "[\"▁\"]")), .malformed, saying: "fewer than two")
    try expectRefusal(document("llama2-tiny", ("\"▁ t\"", "[\"▁\",\"t\",\"h\"]")), .malformed, saying: "more than two")
    try expectRefusal(document("llama2-tiny", ("\"▁ t\"", "7")), .malformed, saying: "merge 2")
  }

  @Test func pairsAndOrderMakeNoDifference() throws {
    let plain = try TokenizerFixtures.tokenizer("llama2")
    let pairs = try #require(try TokenizerFixtures.load(document("llama2-tiny", ("\"▁ t\"", "[\"▁\",\"t\"]")))).tokenizer
    // The same with the merges before the vocabulary.
    var object = try #require(try TokenizerFixtures.json(document()["tokenizer.json"] ?? []).object)
    var model = try #require(object["model"]?.object)
    let vocabulary = model["vocab"]
    model["vocab"] = nil
    model["vocab"] = vocabulary
    object["model"] = .object(model)
    let reordered = try #require(try TokenizerFixtures.load(["tokenizer.json": Array(JSONValue.object(object).encoded().utf8)]))
      .tokenizer
    for text in try TokenizerFixtures.strings("strings-few") {
      #expect(try pairs.encode(text) == plain.encode(text) && reordered.encode(text) == plain.encode(text))
    }
  }

  @Test func whatIsNotReadIsNamed() throws {
    try expectRefusal(document("llama2-tiny", ("\"type\":\"BPE\"", "\"type\":\"WordPiece\"")), .unsupported, saying: "WordPiece")
    try expectRefusal(document("llama2-tiny", ("\"vocab\":{", "\"vocab\":[],\"x\":{")), .unsupported, saying: "Unigram")
    try expectRefusal(
      document("qwen2-tiny", ("\"type\":\"NFC\"", "\"type\":\"Nmt\"")), .unsupported, saying: "normalizer", "Nmt")
    try expectRefusal(document("qwen2-tiny", ("\"Isolated\"", "\"Sideways\"")), .unsupported, saying: "Sideways")
    try expectRefusal(
      document("llama2-tiny", ("\"type\":\"Fuse\"", "\"type\":\"WordPiece\"")), .unsupported, saying: "decoder", "WordPiece")
    try expectRefusal(
      document("llama2-tiny", ("\"type\":\"TemplateProcessing\"", "\"type\":\"BertProcessing\"")), .unsupported,
      saying: "BertProcessing")
    try expectRefusal(document("llama2-tiny", ("\"dropout\":null", "\"dropout\":0.1")), .unsupported, saying: "dropout")
    try expectRefusal(
      document("llama2-tiny", ("\"unk_token\":\"<unk>\"", "\"unk_token\":\"<what>\"")), .inconsistent, saying: "<what>")
  }

  private func model() throws -> [UInt8] { try TokenizerFixtures.files(ofGolden: "vicuna-tiny")["tokenizer.model"] ?? [] }

  @Test func noPrefixOfAModelIsOne() throws {
    let bytes = try model()
    for count in stride(from: 0, to: bytes.count, by: 7) {
      expectRefusal(["tokenizer.model": Array(bytes.prefix(count))], .malformed)
    }
  }

  @Test func modelsOfOtherKindsAreNamed() throws {
    var bytes = try model()
    // trainer_spec is field 2, and its model_type field 3: the last such pair of bytes that says 2.
    let trainer = try #require(bytes.indices.dropLast(1).last { bytes[$0] == 0x18 && bytes[$0 + 1] == 2 })
    bytes[trainer + 1] = 1
    expectRefusal(["tokenizer.model": bytes], .unsupported, saying: "unigram")
    expectRefusal(["tokenizer.model": Array("version https://git-lfs.github.com/spec/v1\n".utf8)], .malformed)
    // One piece of type 9, and one that claims a gigabyte.
    expectRefusal(["tokenizer.model": [0x0A, 0x05, 0x0A, 0x01, 0x61, 0x18, 0x09]], .malformed, saying: "type 9")
    expectRefusal(["tokenizer.model": [0x0A, 0x80, 0x80, 0x80, 0x80, 0x04]], .malformed, saying: "1073741824", "cut off")
    expectRefusal(["tokenizer.model": [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]], .malformed)
    // The same piece twice.
    let piece: [UInt8] = [0x0A, 0x03, 0x0A, 0x01, 0x61]
    let unknown: [UInt8] = [0x0A, 0x05, 0x0A, 0x01, 0x75, 0x18, 0x02]
    expectRefusal(
      ["tokenizer.model": unknown + piece + piece + [0x12, 0x02, 0x18, 0x02, 0x1A, 0x00]], .malformed, saying: "1 and 2", "\"a\"")
    expectRefusal(["tokenizer.model": piece + [0x12, 0x02, 0x18, 0x02, 0x1A, 0x00]], .malformed, saying: "unknown")
    expectRefusal(
      ["tokenizer.model": unknown + [0x12, 0x02, 0x18, 0x02, 0x1A, 0x03, 0x12, 0x01, 0x00]], .unsupported, saying: "normalizer")
  }

  /// Damaged files are refused or read; they never crash, and what is read encodes.
  @Test func damageDoesNoHarm() throws {
    var numbers = SeededNumbers(seed: 97)
    let model = try model()
    let document = try document("qwen2-tiny")["tokenizer.json"] ?? []
    for (name, original, rounds) in [("tokenizer.model", model, 300), ("tokenizer.json", document, 150)] {
      for _ in 0..<rounds {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
          bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
        }
        guard let tokenizer = try? TokenizerFixtures.load([name: bytes])?.tokenizer else { continue }
        guard let ids = try? tokenizer.encode("Once upon a time <|im_end|> 日本\n\n  é") else { continue }
        _ = tokenizer.decode(ids)
        #expect(ids.allSatisfy { (0..<tokenizer.vocabularySize).contains($0) })
      }
    }
  }

  @Test func missingFilesMeanNoTokenizer() throws {
    #expect(try TokenizerFixtures.load([:]) == nil)
    #expect(try TokenizerFixtures.load(["tokenizer_config.json": Array("{}".utf8)]) == nil)
  }

  @Test func theDocumentWinsAndDisagreementIsSaid() throws {
    let files = try TokenizerFixtures.files(ofGolden: "llama2-tiny")
    #expect(try TokenizerFixtures.load(files)?.warnings == [])
    var changed = files
    // Two pieces with each other's ids.
    changed["tokenizer.json"] = try document(
      "llama2-tiny", ("\"▁a\":262", "\"▁a\":261"), ("\"▁t\":261", "\"▁t\":262"))["tokenizer.json"]
    let swapped = try #require(try TokenizerFixtures.load(changed))
    #expect(swapped.warnings.count == 1 && swapped.warnings[0].contains("261") && swapped.warnings[0].contains("disagree"))
    #expect(try swapped.tokenizer.encode("t", addsSpecialTokens: false) == [262])
    changed = files
    changed["tokenizer.model"] = Array(files["tokenizer.model"]?.prefix(5000) ?? [])
    let loaded = try #require(try TokenizerFixtures.load(changed))
    #expect(loaded.warnings.count == 1 && loaded.warnings[0].contains("tokenizer.model"))
    #expect(
      try loaded.tokenizer.encode("Once upon a time") == (TokenizerFixtures.load(files))?.tokenizer.encode("Once upon a time"))
  }
}
