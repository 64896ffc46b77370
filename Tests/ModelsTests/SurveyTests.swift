import ByteStorage
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// `formats/releases.json`: every released shape that `formats/releases.md` claims, by its configuration and its parameter count.
struct SurveyTests {
  struct Entry: Sendable, CustomTestStringConvertible {
    let name: String
    let config: JSONObject
    let members: JSONObject

    init(_ value: JSONValue) throws {
      members = try #require(value.object)
      name = try #require(members["name"]?.string)
      config = try #require(members["config"]?.object)
    }

    var testDescription: String { name }

    func document() throws -> ConfigDocument { try ConfigDocument(.object(config), file: "config.json") }

    /// The kind of a draft.
    var kind: String { members["kind"]?.string ?? "" }
    /// What is published, in thousands of millions without the embedding, to so many digits.
    var billions: Double { members["billions"]?.double ?? 0 }
    var digits: Double { members["digits"]?.double ?? 3 }

    private func size(_ key: String) -> Int { config[key]?.integer ?? 0 }
    private var width: Int { config["head_dim"]?.integer ?? size("hidden_size") / size("num_attention_heads") }
    private var queries: Int { size("num_attention_heads") * width }
    private var keys: Int { size("num_key_value_heads") * width }

    private func attention(_ prefix: String, inputs: Int) -> [(String, [Int])] {
      let hidden = size("hidden_size")
      let block = prefix + "self_attn."
      var tensors = [
        (block + "q_proj.weight", [queries, inputs]), (block + "k_proj.weight", [keys, inputs]), (block + "v_proj.weight", [keys, inputs]),
        (block + "o_proj.weight", [hidden, queries]),
      ]
      switch config["model_type"]?.string {
      case "qwen2": tensors += [("q", queries), ("k", keys), ("v", keys)].map { (block + "\($0)_proj.bias", [$1]) }
      case "qwen3": tensors += ["q", "k"].map { (block + "\($0)_norm.weight", [width]) }
      default: break
      }
      return tensors
    }

    private func feedForward(_ prefix: String, outputs: Int) -> [(String, [Int])] {
      let (hidden, wide, experts) = (size("hidden_size"), size("intermediate_size"), size("num_local_experts"))
      guard experts > 0 else {
        return [("gate_proj", [wide, hidden]), ("up_proj", [wide, hidden]), ("down_proj", [outputs, wide])].map {
          (prefix + "mlp.\($0).weight", $1)
        }
      }
      let block = prefix + "block_sparse_moe."
      return [(block + "gate.weight", [experts, hidden])]
        + (0..<experts).flatMap { expert in
          [("w1", [wide, hidden]), ("w2", [hidden, wide]), ("w3", [wide, hidden])].map { (block + "experts.\(expert).\($0).weight", $1) }
        }
    }

    /// Tensors as the release has them, without bytes.
    func source(isDraft: Bool) throws -> MemorySource {
      let (hidden, wide, vocabulary) = (size("hidden_size"), size("intermediate_size"), size("vocab_size"))
      var tensors: [(String, [Int])] = []
      switch kind {
      case "griffin":
        tensors += [
          ("embed_tokens.weight", [vocabulary, hidden]), ("fc.fc.weight", [hidden, 2 * hidden]), ("fc.fc.bias", [hidden]),
          ("fc.post_attention_layernorm.weight", [hidden]), ("fc.mlp.input_layernorm.weight", [hidden]),
          ("fc.mlp.up_proj.weight", [wide, 2 * hidden]), ("fc.mlp.down_proj.weight", [hidden, wide]),
          ("layers.0.post_attention_layernorm.weight", [hidden]),
        ]
        tensors += attention("layers.0.", inputs: hidden) + feedForward("layers.0.", outputs: 2 * hidden)
      case "eagle":
        tensors += [
          ("embed_tokens.weight", [vocabulary, hidden]), ("fc.weight", [hidden, 2 * hidden]), ("fc.bias", [hidden]),
          ("layers.0.post_attention_layernorm.weight", [hidden]),
        ]
        tensors += attention("layers.0.", inputs: hidden) + feedForward("layers.0.", outputs: hidden)
      case "eagle3":
        let own = config["draft_vocab_size"]?.integer ?? vocabulary
        tensors += [("fc.weight", [hidden, 3 * hidden]), ("norm.weight", [hidden]), ("lm_head.weight", [own, hidden])]
        tensors += ["hidden_norm", "input_layernorm", "post_attention_layernorm"].map { ("midlayer.\($0).weight", [hidden]) }
        tensors += attention("midlayer.", inputs: 2 * hidden) + feedForward("midlayer.", outputs: hidden)
      default:
        tensors.append(("model.embed_tokens.weight", [vocabulary, hidden]))
        for layer in 0..<size("num_hidden_layers") {
          let prefix = "model.layers.\(layer)."
          tensors += attention(prefix, inputs: hidden) + feedForward(prefix, outputs: hidden)
          tensors += ["input_layernorm", "post_attention_layernorm"].map { (prefix + "\($0).weight", [hidden]) }
        }
        tensors.append(("model.norm.weight", [hidden]))
        if config["tie_word_embeddings"]?.bool != true { tensors.append(("lm_head.weight", [vocabulary, hidden])) }
      }
      var source = MemorySource()
      for (name, shape) in tensors { try source.add(name, .bf16, shape) }
      if kind == "eagle3", let own = config["draft_vocab_size"]?.integer, own != vocabulary {
        try source.add("d2t", .i64, [own], bytes: [UInt8](repeating: 0, count: 8 * own))
        var mask = [UInt8](repeating: 0, count: vocabulary)
        for token in 0..<own { mask[token] = 1 }
        try source.add("t2d", .bool, [vocabulary], bytes: mask)
      }
      return source
    }
  }

  private static func entries(_ key: String) -> [Entry] {
    do {
      let path = Fixtures.path("../../formats/releases.json")
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      let value = try JSONValue.parse(bytes.rawBytes, limits: .config, file: path)
      return try #require(value[key]?.array).map { try Entry($0) }
    } catch {
      preconditionFailure("formats/releases.json: \(error)")
    }
  }

  static let targets = entries("targets")
  static let drafts = entries("drafts")

  @Test(arguments: targets) func targetsCountAsTheirMakersSay(entry: Entry) throws {
    let model = try TargetModel.recognise(entry.source(isDraft: false), config: entry.document())
    #expect(model.parameterCount == entry.members["parameters"]?.integer)
    #expect(model.family.name == entry.config["model_type"]?.string && model.warnings.isEmpty)
    #expect(model.configuration.rotary.base == entry.config["rope_theta"]?.double ?? 10000)
  }

  @Test(arguments: drafts) func draftsCountAndFitTheirTargets(entry: Entry) throws {
    let model = try DraftModel.recognise(entry.source(isDraft: true), config: entry.document())
    #expect(model.kind.name == entry.kind && model.warnings.isEmpty)
    let scale = Foundation.pow(10, entry.digits)
    #expect((Double(model.parameterCount) / 1e9 * scale).rounded() / scale == entry.billions)
    let target = try #require(SurveyTests.targets.first { $0.name == entry.members["target"]?.string })
    _ = try ModelPair(target: TargetModel.recognise(target.source(isDraft: false), config: target.document()), draft: model)
  }

  /// What the page says is in the data, and the other way round.
  @Test func thePageListsWhatTheDataHold() throws {
    let page = try String(contentsOfFile: Fixtures.path("../../formats/releases.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let named = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
    let known = (SurveyTests.targets + SurveyTests.drafts).compactMap { $0.members["repository"]?.string }
    #expect(Set(named) == Set(known) && named.count == known.count, "\(Set(named).symmetricDifference(known))")
    #expect(Set(SurveyTests.targets.map(\.name)).count == SurveyTests.targets.count)
  }
}
