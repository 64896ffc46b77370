import ByteStorage
import Exports
import Foundation
import Models
import TestSupport
import Testing

/// Tokenizers of released files in GGUF's terms.
@Suite struct TokenExportTests {
  /// A file that splits by a name comes back with a name that splits, merges and composes the same.
  @Test func everyPreTokenizerHasAName() throws {
    let document = try PreTokenizerVectors.load()
    let road = try ExportRoad()
    var file = document.model
    for group in document.groups {
      let name = try #require(group.names.last)
      file["tokenizer.ggml.pre"] = .string(name)
      try road.pack(target: road.folder.write(file.bytes, to: "tiny.gguf"))
      let found = try #require(try road.export().first)
      #expect(group.names.contains(found.text("tokenizer.ggml.pre") ?? ""), "\(name): \(found.text("tokenizer.ggml.pre") ?? "")")
      #expect(found["tokenizer.ggml.tokens"]?.bytes == file["tokenizer.ggml.tokens"]?.bytes)
      #expect(found["tokenizer.ggml.merges"]?.bytes == file["tokenizer.ggml.merges"]?.bytes)
    }
  }

  private static let bytePieces = (0..<256).map { byte in
    "\"<0x\(String(byte, radix: 16, uppercase: true).count == 1 ? "0" : "")\(String(byte, radix: 16, uppercase: true))>\": \(byte + 3)"
  }

  /// A tokenizer.json of SentencePiece's kind: three special tokens, 256 bytes, then these pieces and merges.
  private static func sentencePiece(
    _ pieces: [String], merges: [String], normalizer: String = prefixed, added: String = ""
  ) -> String {
    let vocabulary = ["\"<unk>\": 0", "\"<s>\": 1", "\"</s>\": 2"] + bytePieces + pieces.enumerated().map { "\"\($1)\": \($0 + 259)" }
    return """
      {"version": "1.0", "added_tokens": [
        {"id": 0, "content": "<unk>", "special": true}, {"id": 1, "content": "<s>", "special": true}, {"id": 2, "content": "</s>", "special": true}\(added)],
       "normalizer": \(normalizer), "pre_tokenizer": null, "post_processor": null, "decoder": null,
       "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
         "vocab": {\(vocabulary.joined(separator: ", "))}, "merges": [\(merges.map { "\"\($0)\"" }.joined(separator: ", "))]}}
      """
  }

  private static let prefixed = """
    {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
    """
  private static let configuration = #"{"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}"#

  /// A tiny LLaMA with a tokenizer, exported.
  private static func exported(_ tokenizer: String, vocabulary: Int, configuration: String = configuration) throws -> GGUFBuilder {
    let road = try ExportRoad()
    var options = TinyModel.Options { $0.vocabulary = vocabulary }
    options.extra = ["bos_token_id": 1, "eos_token_id": 2]
    let model = try TinyModel.target(options)
    try road.pack(
      TargetModel.recognise(model.source, config: model.document()), nil,
      files: ["tokenizer.json": tokenizer, "tokenizer_config.json": configuration])
    return try #require(try road.export().first)
  }

  /// Without a tokenizer.model scores say the order in which pieces merge, and rows without a token are padding.
  @Test func mergesBecomeScores() throws {
    let pieces = ["▁", "a", "b", "ab", "▁a", "▁ab"]
    let file = try TokenExportTests.exported(
      TokenExportTests.sentencePiece(
        pieces, merges: ["a b", "▁ a", "▁ ab", "▁a b"], added: #", {"id": 265, "content": "<tool▁x>", "special": false, "normalized": false}"#),
      vocabulary: 268)
    #expect(file.text("tokenizer.ggml.model") == "llama" && file.text("tokenizer.ggml.pre") == "default")
    #expect(file.texts("tokenizer.ggml.tokens").suffix(9) == pieces.suffix(6) + ["<tool x>", "[PAD266]", "[PAD267]"])
    let scores = file.numbers("tokenizer.ggml.scores").map { Float(bitPattern: $0) }
    #expect(scores[0] == -1000 && scores[3] == 0 && Array(scores.suffix(9)) == [-3, -4, -5, 0, -1, -2, -1000, -10000, -10000])
    #expect(Array(file.numbers("tokenizer.ggml.token_type").prefix(4)) == [3, 3, 3, 6])
    #expect(Array(file.numbers("tokenizer.ggml.token_type").suffix(4)) == [1, 4, 5, 5])
    #expect(file["tokenizer.ggml.add_space_prefix"]?.bytes == [1] && file["tokenizer.ggml.add_bos_token"]?.bytes == [1])
    for (name, id) in ["bos": 1, "eos": 2, "unknown": 0] { #expect(file.number("tokenizer.ggml.\(name)_token_id") == id) }
    #expect(file["tokenizer.ggml.eot_token_id"] == nil)
  }

  /// What makes a tokenizer one that GGUF has no words for, and what the error says.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let tokenizer: String
    let message: String

    var testDescription: String { message }
  }

  private static let byteLevel = #"{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}"#

  private static func byteLevel(normalizer: String = "null", splitting: String, ignoresMerges: Bool = false) -> String {
    """
    {"version": "1.0", "added_tokens": [], "normalizer": \(normalizer), "pre_tokenizer": \(splitting), "post_processor": null,
     "decoder": {"type": "ByteLevel"}, "model": {"type": "BPE", "ignore_merges": \(ignoresMerges), "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}
    """
  }

  static let refusals = [
    Refusal(
      tokenizer: sentencePiece(["▁", "a", "b", "ab", "ba"], merges: ["a b"]), message: #""b" and "a" make the piece "ba" and do not merge"#),
    Refusal(
      tokenizer: sentencePiece(["▁", "a", "b", "c", "ab", "bc", "abc"], merges: ["a b", "ab c", "b c", "a bc"]),
      message: #"the merges into "abc" do not stand together"#),
    Refusal(
      tokenizer: sentencePiece(["▁", "a"], merges: [], normalizer: #"{"type": "Lowercase"}"#), message: "does more than mark spaces"),
    Refusal(tokenizer: byteLevel(splitting: #"{"type": "ByteLevel", "add_prefix_space": true}"#), message: "add_prefix_space"),
    Refusal(tokenizer: byteLevel(normalizer: #"{"type": "NFKC"}"#, splitting: byteLevel), message: "more than NFC"),
    Refusal(
      tokenizer: byteLevel(
        splitting: #"{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "[xyz]+"}, "behavior": "Isolated"}, {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}"#),
      message: "has no name for how the tokenizer splits text"),
    Refusal(tokenizer: byteLevel(splitting: byteLevel, ignoresMerges: true), message: "only with ignore_merges false"),
  ]

  @Test(arguments: refusals) func whatHasNoNameIsRefused(refusal: Refusal) throws {
    let error = #expect(throws: GriffinError.self) { try TokenExportTests.exported(refusal.tokenizer, vocabulary: 300) }
    #expect(error?.kind == .unsupported && error?.message.contains(refusal.message) == true, "\(error.map { "\($0)" } ?? "")")
    #expect(error?.hints.contains { $0.contains("safetensors") } == true)
  }

  @Test func severalTemplatesGoByTheirNames() throws {
    let configuration = """
      {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": [
        {"name": "default", "template": "D"}, {"name": "tool use", "template": "T"}, {"name": "rag", "template": "R"}]}
      """
    let file = try TokenExportTests.exported(
      TokenExportTests.byteLevel(splitting: TokenExportTests.byteLevel), vocabulary: 40, configuration: configuration)
    #expect(file.text("tokenizer.ggml.pre") == "gpt-2" && file.text("tokenizer.chat_template") == "D")
    #expect(file.texts("tokenizer.chat_templates") == ["tool_use", "rag"])
    #expect(file.text("tokenizer.chat_template.tool_use") == "T" && file.text("tokenizer.chat_template.rag") == "R")
  }

  @Test func aModelWithoutATokenizerHasItsSize() throws {
    let road = try ExportRoad()
    let model = try TinyModel.target()
    try road.pack(TargetModel.recognise(model.source, config: model.document()))
    let file = try #require(try road.export().first)
    #expect(file.text("tokenizer.ggml.model") == "none" && file.number("llama.vocab_size") == 203)
    #expect(try road.plan().warnings.contains { $0.contains("there is no tokenizer to export") })
  }
}
