import ByteStorage
import Testing
import Tokenization

/// What the files beside a tokenizer decide.
struct ConfigurationTests {
  private func tokenizer(_ golden: String, _ files: [String], config: String? = nil) throws -> Tokenizer {
    var contents = try TokenizerFixtures.files(ofGolden: golden, files)
    if let config { contents["tokenizer_config.json"] = Array(config.utf8) }
    return try #require(try TokenizerFixtures.load(contents)).tokenizer
  }

  /// Ids by transformers 4.44.2 for this model with `legacy` false.
  @Test(arguments: [
    ("Hello world", [1, 502, 340, 461, 420, 510]), (" Hello", [1, 502, 340, 461]), ("  x", [1, 259, 1547]),
    ("<s>Hello</s> there", [1, 1, 1577, 340, 461, 2, 433]), ("a <s> b", [1, 262, 1513, 1, 278]), ("</s>", [1, 2]),
    ("Hi</s></s> x", [1, 502, 1521, 2, 2, 722]), ("▁x", [1, 722]),
  ])
  func textAfterSpecialTokensGoesOnWhereItIsNotLegacy(text: String, ids: [Int]) throws {
    let config = #"{"legacy": false, "tokenizer_class": "LlamaTokenizer", "bos_token": "<s>"}"#
    #expect(try tokenizer("vicuna-tiny", ["tokenizer.model"], config: config).encode(text) == ids)
  }

  @Test(arguments: [
    (#"{"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>"}"#, [1], []),
    (#"{"tokenizer_class": "LlamaTokenizerFast", "bos_token": "<s>", "add_bos_token": false}"#, [], []),
    (
      #"{"tokenizer_class": "LlamaTokenizer", "bos_token": {"content": "<s>"}, "eos_token": "</s>", "add_eos_token": true}"#, [1],
      [2]
    ),
    (#"{"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "add_bos_token": false}"#, [1], []),
    ("{}", [1], []),
  ])
  func theConfigurationDecidesWhatGoesAround(config: String, prefix: [Int], suffix: [Int]) throws {
    let tokenizer = try tokenizer("llama2-tiny", ["tokenizer.json"], config: config)
    #expect(try tokenizer.encode("") == prefix + suffix)
    #expect(try tokenizer.encode("a") == prefix + tokenizer.encode("a", addsSpecialTokens: false) + suffix)
  }

  @Test func tokensThatOnlyTheConfigurationKnowsAreAdded() throws {
    let config =
      #"{"added_tokens_decoder": {"1600": {"content": "<pad>", "special": true}, "1601": {"content": "@@", "special": false}}}"#
    for file in ["tokenizer.json", "tokenizer.model"] {
      let tokenizer = try tokenizer("llama2-tiny", [file], config: config)
      #expect(tokenizer.vocabularySize == 1602 && tokenizer.id(ofToken: "<pad>") == 1600)
      #expect(try tokenizer.encode("<pad>@@<pad>", addsSpecialTokens: false) == [1600, 1601, 1600])
      #expect(tokenizer.decode([1600, 1601], skipsSpecialTokens: true) == "@@")
    }
    var files = try TokenizerFixtures.files(ofGolden: "vicuna-tiny", ["tokenizer.model"])
    files["added_tokens.json"] = Array(#"{"<pad>": 1600}"#.utf8)
    #expect(try TokenizerFixtures.load(files)?.tokenizer.encode("<pad>", addsSpecialTokens: false) == [1600])
  }

  @Test(arguments: [
    (#"{"added_tokens_decoder": {"1605": {"content": "<pad>"}}}"#, "holes"),
    (#"{"added_tokens_decoder": {"1": {"content": "<x>"}}}"#, "<x>"),
    (#"{"added_tokens_decoder": {"one": {"content": "<x>"}}}"#, "one"), ("[]", "object"), ("{", "end"),
  ])
  func contradictionsAreRefused(config: String, word: String) throws {
    let error = #expect(throws: GriffinError.self) { try tokenizer("llama2-tiny", ["tokenizer.json"], config: config) }
    #expect(error?.message.contains(word) == true, "\(String(describing: error))")
  }
}
