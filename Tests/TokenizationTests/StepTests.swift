import ByteStorage
import TestSupport
import Testing
import Tokenization

/// Every normalizer and pre-tokenizer against Hugging Face's, on hard strings.
struct StepTests {
  @Test func agrees() throws {
    let vectors = try TokenizerFixtures.json(Fixtures.bytes("tokenizers/steps.json"))
    let strings = try #require(vectors["strings"]?.array).compactMap(\.string)
    let rows = try #require(vectors["rows"]?.array)
    #expect(strings.count > 30 && rows.count > 40)
    let files = try TokenizerFixtures.files(ofGolden: "llama31-tiny", ["tokenizer.json"])
    let base = try #require(try TokenizerFixtures.json(files["tokenizer.json"] ?? []).object)
    for row in rows {
      var document = base
      let changes = try #require(row.array?.first?.object)
      for change in changes.members { document[change.key] = change.value }
      let bytes = Array(JSONValue.object(document).encoded().utf8)
      let tokenizer = try #require(try TokenizerFixtures.load(["tokenizer.json": bytes])).tokenizer
      for (text, ids) in zip(strings, try #require(row.array?[1].array)) {
        let found = try tokenizer.encode(text, addsSpecialTokens: false)
        #expect(
          found == ids.array?.compactMap(\.integer), "\(JSONValue.object(changes).encoded()) of \(text.debugDescription)")
      }
    }
  }

  /// A text that an expression never ends on is refused, and the next text is not.
  @Test func aCatastrophicExpressionIsAnError() throws {
    let files = try TokenizerFixtures.files(ofGolden: "llama31-tiny", ["tokenizer.json"])
    var document = try #require(try TokenizerFixtures.json(files["tokenizer.json"] ?? []).object)
    document["pre_tokenizer"] = [
      "type": "Sequence",
      "pretokenizers": [
        ["type": "Split", "pattern": ["Regex": "(a+)+!"], "behavior": "Isolated", "invert": false],
        ["type": "ByteLevel", "add_prefix_space": false, "use_regex": false],
      ],
    ]
    let bytes = Array(JSONValue.object(document).encoded().utf8)
    let tokenizer = try #require(try TokenizerFixtures.load(["tokenizer.json": bytes])).tokenizer
    let error = #expect(throws: GriffinError.self) { try tokenizer.encode(String(repeating: "a", count: 200)) }
    #expect(error?.kind == .unsafe && error?.message.contains("(a+)+!") == true)
    #expect(try !tokenizer.encode("aaa! and more").isEmpty)
  }
}
