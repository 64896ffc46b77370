import ByteStorage
import TestSupport
import Testing
import Tokenization

/// Ids and decodings against Hugging Face's tokenizers and SentencePiece.
struct VectorTests {
  @Test(arguments: [
    ("llama2", "strings"), ("llama3", "strings"), ("qwen2", "strings"), ("sentencepiece", "strings"), ("gpt2", "strings-few"),
    ("tekken", "strings-few"), ("marked", "strings-few"), ("metaspace-first", "strings-few"),
    ("metaspace-split", "strings-few"), ("added-qwen2", "strings-few"), ("added-llama2", "strings-few"),
  ])
  func agrees(name: String, list: String) throws {
    let tokenizer = try TokenizerFixtures.tokenizer(name)
    let strings = try TokenizerFixtures.strings(list)
    let vectors = try TokenizerFixtures.document(name)
    let expected = try #require(vectors["ids"]?.array).map { $0.array?.compactMap(\.integer) ?? [] }
    let prefix = try #require(vectors["prefix"]?.array).compactMap(\.integer)
    #expect(strings.count == expected.count && strings.count > 500)
    // SentencePiece itself knows of no special tokens in a text.
    let finds = name != "sentencepiece"
    var failures: [String] = []
    for (index, text) in strings.enumerated() {
      let ids = try tokenizer.encode(text, addsSpecialTokens: false, findsAddedTokens: finds)
      if ids != expected[index] { failures.append("\(text.debugDescription): \(ids), expected \(expected[index])") }
      if finds, try tokenizer.encode(text) != prefix + ids { failures.append("\(text.debugDescription): special tokens") }
      for (skips, key) in [(false, "decoded"), (true, "decoded_skipping")] where finds || !skips {
        let decoded = vectors[key]?["\(index)"]?.string ?? text
        let mine = tokenizer.decode(expected[index], skipsSpecialTokens: skips)
        if !mine.hasSameBytes(as: decoded) {
          failures.append("\(expected[index]): \(mine.debugDescription), expected \(decoded.debugDescription)")
        }
      }
    }
    #expect(failures.isEmpty, "\(failures.count) differ: \(failures.prefix(5).joined(separator: "\n"))")
  }

  /// What Hugging Face's transformers says of the golden tokenizers with their configuration.
  @Test(arguments: ["llama2-tiny", "llama31-tiny", "qwen2-tiny", "vicuna-tiny", "mixtral-tiny"])
  func agreesWithTransformers(golden: String) throws {
    let tokenizer = try #require(try TokenizerFixtures.load(TokenizerFixtures.files(ofGolden: golden))).tokenizer
    let bytes = try [UInt8](fileAt: "\(Fixtures.golden(golden))/debug/tokenizer_golden.json")
    let rows = try #require(try TokenizerFixtures.json(bytes)["rows"]?.array)
    #expect(rows.count > 20)
    for row in rows {
      let text = try #require(row["text"]?.string)
      let ids = row["ids"]?.array?.compactMap(\.integer)
      #expect(try tokenizer.encode(text) == ids)
      #expect(try tokenizer.encode(text, addsSpecialTokens: false) == row["ids_no_special"]?.array?.compactMap(\.integer))
      #expect(tokenizer.decode(ids ?? []) == row["decoded"]?.string)
      #expect(tokenizer.decode(ids ?? [], skipsSpecialTokens: true) == row["decoded_skip_special"]?.string)
    }
  }
}
