import ByteStorage
import Models
import Quantization
import Tensors
import TestSupport
import Testing

/// Mixes against the types that llama.cpp chose (`scripts/make-recipe-vectors.py`).
struct MixTests {
  static let models = [
    "dense", "small", "grouped", "tied", "seventy-billion", "experts", "four-experts", "odd-rows", "qwen3-mixture", "qwen3-eight-experts",
    "qwen2-mixture", "qwen2-grouped-mixture", "smollm3", "granite",
  ]
  static let mixes = [
    "q2_k_mix", "q2_k_s", "q3_k_s", "q3_k_m", "q3_k_l", "q4_k_s", "q4_k_m", "q5_k_s", "q5_k_m", "iq1_s", "iq1_m", "iq2_xxs", "iq2_xs",
    "iq2_s", "iq2_m", "iq3_xxs", "iq3_xs", "iq3_s", "iq3_m", "iq4_nl_mix", "iq4_xs_mix", "tq1_0", "tq2_0", "mxfp4_moe",
  ]

  /// The letters of the fixture.
  private static let letters: [ElementType: Character] = [
    .q2_k: "2", .q3_k: "3", .q4_k: "4", .q5_k: "5", .q6_k: "6", .q8_0: "8", .q4_0: "a", .q5_0: "b", .q5_1: "c", .iq4_nl: "n",
    .iq4_xs: "x", .iq3_s: "s", .iq3_xxs: "t", .iq2_s: "u", .iq2_xs: "v", .iq2_xxs: "w", .iq1_m: "m", .iq1_s: "i", .tq1_0: "p",
    .tq2_0: "q", .mxfp4: "z", .f16: "h", .f32: "f",
  ]

  /// A tensor under the name of its part in GGUF.
  private struct Part {
    let name: String
    let tensor: RecipeTensor
  }

  private static func parts(_ model: JSONValue) throws -> [Part] {
    func number(_ key: String) throws -> Int { try #require(model[key]?.integer) }
    let (hidden, wide, experts) = (try number("hidden"), try number("intermediate"), try number("experts"))
    let keys = hidden / (try number("heads")) * (try number("key_heads"))
    var parts: [Part] = []
    func add(_ part: String, _ role: TensorRole, _ shape: [Int], _ type: ElementType = .f16) throws {
      let tensor = RecipeTensor(name: "target/\(part)-\(parts.count)", role: role, shape: try Shape(shape), sourceType: type)
      parts.append(Part(name: part, tensor: tensor))
    }
    try add("token_embd", .tokenEmbedding, [64, hidden])
    if model["tied"]?.bool == false { try add("output", .outputHead, [64, hidden]) }
    for layer in 0..<(try number("layers")) {
      try add("attn_q", .layer(layer, .query), [hidden, hidden])
      try add("attn_k", .layer(layer, .key), [keys, hidden])
      try add("attn_v", .layer(layer, .value), [keys, hidden])
      try add("attn_output", .layer(layer, .output), [hidden, hidden])
      if experts > 0 {
        try add("ffn_gate_inp", .layer(layer, .router), [experts, hidden], .f32)
        for expert in 0..<experts {
          try add("ffn_gate \(expert)", .layer(layer, .expert(expert, .gate)), [wide, hidden])
          try add("ffn_up \(expert)", .layer(layer, .expert(expert, .up)), [wide, hidden])
          try add("ffn_down \(expert)", .layer(layer, .expert(expert, .down)), [hidden, wide])
        }
        guard let shared = model["shared"]?.integer, shared > 0 else { continue }
        try add("ffn_gate_inp_shexp", .layer(layer, .sharedExpertGate), [1, hidden], .f32)
        try add("ffn_gate_shexp", .layer(layer, .sharedExpert(.gate)), [shared, hidden])
        try add("ffn_up_shexp", .layer(layer, .sharedExpert(.up)), [shared, hidden])
        try add("ffn_down_shexp", .layer(layer, .sharedExpert(.down)), [hidden, shared])
      } else {
        try add("ffn_gate", .layer(layer, .gate), [wide, hidden])
        try add("ffn_up", .layer(layer, .up), [wide, hidden])
        try add("ffn_down", .layer(layer, .down), [hidden, wide])
      }
    }
    return parts
  }

  @Test(arguments: models, mixes) func typesAreThoseOfLlamaQuantize(model: String, mix: String) throws {
    let text = try Fixtures.bytes("recipes/types.json")
    let entry: JSONValue = try #require(try JSONValue.parse(text.rawBytes, limits: .config)[model])
    let parts = try MixTests.parts(entry)
    let importance = ImportanceMatrix(
      Dictionary(uniqueKeysWithValues: parts.map { ($0.tensor.name, [Float](repeating: 1, count: $0.tensor.shape.rowLength)) }))
    let plain: JSONValue? = entry["types"]?[mix]
    let weighted: JSONValue? = entry["types"]?[mix + "-weighted"]
    let recipe = try Recipe.named(mix)
    if let plain { try compare(parts, TypeSelection(recipe), to: plain) }
    try compare(parts, TypeSelection(recipe, importance: importance), to: #require(weighted ?? plain))
  }

  private func compare(_ parts: [Part], _ selection: TypeSelection, to expected: JSONValue) throws {
    let types = try selection.types(for: parts.map(\.tensor))
    var found: [String: String] = [:]
    for (part, type) in zip(parts, types) { found[part.name, default: ""].append(try #require(MixTests.letters[type])) }
    #expect(Set(found.keys.map { String($0.prefix { $0 != " " }) }) == Set(expected.object?.keys ?? []))
    for (name, letters) in found {
      #expect(letters == expected[String(name.prefix { $0 != " " })]?.string, "\(name)")
    }
  }

  /// A draft: the one layer counts as the last eighth of all, and what fuses its inputs gets what the output head gets.
  @Test func draftsGetTypesOfTheirOwn() throws {
    let tensors = try [
      ("fc.fc.weight", .fusion(.projection), [256, 512]), ("embed_tokens.weight", .tokenEmbedding, [64, 256]),
      ("layers.0.self_attn.q_proj.weight", .layer(0, .query), [256, 256]),
      ("layers.0.self_attn.v_proj.weight", .layer(0, .value), [256, 256]),
      ("layers.0.mlp.down_proj.weight", .layer(0, .down), [256, 512]), ("norm.weight", .layer(0, .postAttentionNorm), [256]),
    ].map { (name: String, role: TensorRole, shape: [Int]) in
      RecipeTensor(name: "draft/\(name)", role: role, shape: try Shape(shape), sourceType: .f16)
    }
    let types = try TypeSelection(try Recipe.named("Q4_K_M")).types(for: tensors)
    #expect(types == [.q6_k, .q4_k, .q4_k, .q6_k, .q6_k, .f16])
    // Few bits take the smaller half of the fusion's columns away.
    for (name, others) in [("q3_k_m", ElementType.q3_k), ("q2_k", .q2_k), ("q3_k", .q3_k)] {
      let coarse = try TypeSelection(try Recipe.named(name)).types(for: tensors)
      #expect(coarse[0] == .q8_0 && coarse[2] == others, "\(name)")
    }
    #expect(try TypeSelection(try Recipe.named("q4_k")).types(for: tensors)[0] == .q4_k)
  }

  /// Pure types: every matrix, with fallbacks.
  @Test(arguments: [
    (ElementType.q2_k, ElementType.q4_0), (.q3_k, .q4_0), (.iq3_s, .iq4_nl), (.tq1_0, .q4_0), (.tq2_0, .q4_0), (.mxfp4, .mxfp4), (.q4_k, .q5_0), (.q5_k, .q5_1), (.q6_k, .q8_0), (.iq4_xs, .iq4_nl),
    (.q4_0, .q4_0), (.iq4_nl, .iq4_nl),
  ]) func rowsThatDoNotFitGetSmallerBlocks(type: ElementType, fallback: ElementType) throws {
    let tensors = try [256, 288, 300].map { columns in
      RecipeTensor(
        name: "target/\(columns)", role: .layer(0, .query), shape: try Shape([4, columns]), sourceType: .f32)
    }
    let pure = try (try? Recipe.named("\(type)_pure")) ?? Recipe.named(type.rawValue)
    #expect(try TypeSelection(pure).types(for: tensors) == [type, fallback, .f16])
  }
}
