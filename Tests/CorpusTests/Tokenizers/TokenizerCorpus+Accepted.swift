import ByteStorage
import TestSupport

extension TokenizerCorpus {
  private static func accept(
    _ name: String, _ words: String, warnings: [String] = [], change: @escaping @Sendable (inout TinyTokenizer) -> Void = { _ in }
  ) -> AcceptedCase {
    AcceptedCase("tokenizer-\(name)", rule: Rule(page, words), warnings: warnings) { try $0.writeTokenizer(change) }
  }

  private static let other = "of a kind below is a warning while converting"

  static let accepted: [AcceptedCase] = acceptedTemplates + [
    accept("tiny", "Model `BPE`"),
    accept("merges-as-pairs", "merges are `\"a b\"` or `[\"a\", \"b\"]`") {
      $0.merges = [["a", "b"], ["▁", "ab"], ["c", "d"]]
    },
    accept(
      "of-more-pieces-than-the-model", "A tokenizer with more pieces than the model has ids is a warning",
      warnings: ["33 pieces and the model 32"]
    ) {
      $0.added.append(TinyTokenizer.token(32, "<pad>"))
    },
    accept("of-another-model", other, warnings: ["WordPiece"]) { $0.model["type"] = "WordPiece" },
    accept("of-an-unknown-normalizer", other, warnings: ["Nmt"]) { $0.steps["normalizer"] = ["type": "Nmt"] },
    accept("of-a-catastrophic-expression", "A text that needs") { $0.split(by: "(a+)+$") },
    accept("of-a-negated-class-in-another", other, warnings: ["a negated class in a negated class"]) { $0.split(by: #"[^a[^\S]]"#) },
    accept("of-an-expression-with-a-reference", other, warnings: ["\\1"]) { $0.split(by: #"(a)\1"#) },
    accept("of-an-expression-with-an-unknown-property", other, warnings: ["Klingon"]) { $0.split(by: #"\p{Klingon}"#) },
    accept("of-every-step", "`Split` at a text or by an expression") {
      $0.steps["normalizer"] = ["type": "Sequence", "normalizers": [["type": "NFKC"], ["type": "Lowercase"], ["type": "Strip"]]]
      $0.steps["pre_tokenizer"] = [
        "type": "Sequence",
        "pretokenizers": [["type": "Digits", "individual_digits": true], ["type": "Punctuation"], ["type": "WhitespaceSplit"]],
      ]
    },
    accept("of-a-sequence-of-nothing", other, warnings: ["a step without a type"]) {
      $0.steps["decoder"] = ["type": "Sequence", "decoders": [[:]]]
    },
    AcceptedCase("sentencepiece-tiny", rule: Rule(page, "SentencePiece's `ModelProto`")) { folder in
      try folder.writeTarget()
      try folder.write(ModelBuilder().bytes, to: "target/tokenizer.model")
    },
    AcceptedCase("sentencepiece-unigram", rule: Rule(page, other), warnings: ["unigram"]) { folder in
      try folder.writeTarget()
      var model = ModelBuilder()
      model.trainer = [(3, 1)]
      try folder.write(model.bytes, to: "target/tokenizer.model")
    },
    AcceptedCase("sentencepiece-rewriting", rule: Rule(page, other), warnings: ["normalizer rewrites"]) { folder in
      try folder.writeTarget()
      var model = ModelBuilder()
      model.normalizer = ModelBuilder.field(2, [1, 2, 3])
      try folder.write(model.bytes, to: "target/tokenizer.model")
    },
    AcceptedCase(
      "template-not-utf-8", rule: Rule(page, "with a warning none where it is not UTF-8"), warnings: ["not valid UTF-8"]
    ) { folder in
      try folder.writeTokenizer()
      try folder.write([0x7B, 0xFF, 0x7D], to: "target/chat_template.jinja")
    },
  ]
}
