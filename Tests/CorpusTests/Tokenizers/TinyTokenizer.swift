import ByteStorage
import TestSupport

/// A tokenizer of 32 pieces for the tiny target, as a tokenizer.json.
struct TinyTokenizer {
  var vocabulary: [(piece: String, id: JSONValue)] = []
  var merges: [JSONValue] = ["a b", "▁ ab", "c d"]
  var added: [JSONValue] = [TinyTokenizer.token(0, "<unk>"), TinyTokenizer.token(1, "<s>"), TinyTokenizer.token(2, "</s>")]
  /// Members of `model` beside the lists.
  var model: JSONObject = ["type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": false]
  /// Members beside `model` and the added tokens.
  var steps: JSONObject = [
    "normalizer": [
      "type": "Sequence",
      "normalizers": [
        ["type": "Prepend", "prepend": "▁"], ["type": "Replace", "pattern": ["String": " "], "content": "▁"],
      ],
    ],
    "pre_tokenizer": .null,
    "post_processor": TinyTokenizer.template([
      ["SpecialToken": ["id": "<s>", "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]],
    ]),
    "decoder": [
      "type": "Sequence", "decoders": [["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "Fuse"]],
    ],
  ]
  /// The document, where it shall be another text.
  var text: [UInt8]?

  init() {
    let words =
      ["<unk>", "<s>", "</s>", "▁", "a", "b", "c", "d", "ab", "▁ab", "cd"] + "efghijklmnopqrstuvwxyz".prefix(21).map(String.init)
    vocabulary = words.enumerated().map { ($1, .integer($0)) }
  }

  /// An added token.
  static func token(_ id: JSONValue, _ content: JSONValue, _ fields: JSONObject = ["special": true]) -> JSONValue {
    var object: JSONObject = ["id": id, "content": content]
    for member in fields.members { object[member.key] = member.value }
    return .object(object)
  }

  /// A post-processor.
  static func template(_ single: JSONValue, ids: JSONValue = [1]) -> JSONValue {
    [
      "type": "TemplateProcessing", "single": single, "pair": [],
      "special_tokens": ["<s>": ["id": "<s>", "ids": ids, "tokens": ["<s>"]]],
    ]
  }

  /// Cuts text by an expression.
  mutating func split(by expression: String) {
    steps["pre_tokenizer"] = [
      "type": "Split", "pattern": ["Regex": .string(expression)], "behavior": "Isolated", "invert": false,
    ]
  }

  /// Gives a piece another id.
  mutating func setID(_ piece: String, _ id: JSONValue) {
    for index in vocabulary.indices where vocabulary[index].piece == piece { vocabulary[index].id = id }
  }

  mutating func remove(_ piece: String) { vocabulary.removeAll { $0.piece == piece } }

  /// The vocabulary as JSON; a piece that is there twice is a member that is there twice.
  private var vocabularyText: String {
    "{" + vocabulary.map { "\(JSONValue.string($0.piece).encoded()):\($0.id.encoded())" }.joined(separator: ",") + "}"
  }

  var bytes: [UInt8] {
    if let text { return text }
    var members = model.members.map { "\(JSONValue.string($0.key).encoded()):\($0.value.encoded())" }
    members += ["\"vocab\":\(vocabularyText)", "\"merges\":\(JSONValue.array(merges).encoded())"]
    var document = ["\"version\":\"1.0\"", "\"added_tokens\":\(JSONValue.array(added).encoded())"]
    document += steps.members.map { "\(JSONValue.string($0.key).encoded()):\($0.value.encoded())" }
    document.append("\"model\":{\(members.joined(separator: ","))}")
    return Array("{\(document.joined(separator: ","))}".utf8)
  }
}

extension CorpusFolder {
  /// Writes a target with a tokenizer.json.
  func writeTokenizer(_ change: (inout TinyTokenizer) throws -> Void = { _ in }) throws {
    try writeTarget()
    var tokenizer = TinyTokenizer()
    try change(&tokenizer)
    try write(tokenizer.bytes, to: "target/tokenizer.json")
  }
}
