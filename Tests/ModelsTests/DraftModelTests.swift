import ByteStorage
import Models
import Tensors
import TestSupport
import Testing

struct DraftModelTests {
  private static func refusal(_ source: MemorySource, _ config: JSONObject) throws -> GriffinError? {
    let document = try ConfigDocument(.object(config), file: "config.json")
    return #expect(throws: GriffinError.self) { try DraftModel.recognise(source, config: document) }
  }

  @Test(arguments: ["LlamaForCausalLM", "Qwen2ForCausalLM", "SomethingElse"])
  func kindIsToldByTensorsAndNeverByArchitectures(architecture: String) throws {
    var tiny = try TinyModel.draft()
    tiny.config["architectures"] = [.string(architecture)]
    tiny.config["model_type"] = "qwen2"
    let model = try DraftModel.recognise(tiny.source, config: tiny.document())
    #expect(model.kind.name == "griffin")
    #expect(model.tensors.bindings.count == 7 + 4 + 1 + 3)
    #expect(model.tensors[.layer(0, .inputNorm)] == nil)
  }

  /// Tensors that tell a layout, and what the error calls it.
  private static let others: [(tensors: [(String, [Int])], words: String)] = [
    ([("fc.weight", [64, 192])], "a wide fusion is EAGLE-3's, but there is no midlayer.hidden_norm.weight, no norm.weight (fc.weight is [64, 192])"),
    (
      [("fc.weight", [64, 384]), ("midlayer.hidden_norm.weight", [64])],
      "a midlayer is EAGLE-3's, but there is no norm.weight (fc.weight is [64, 384])"
    ),
    (
      [("fc.weight", [64, 128]), ("layers.0.hidden_norm.weight", [64])],
      "a midlayer is EAGLE-3's, but there is no norm.weight (fc.weight is [64, 128])"
    ),
    (
      [("fc.weight", [64, 384]), ("d2t", [100])],
      "a vocabulary mapping is EAGLE-3's, but there is no midlayer.hidden_norm.weight, no norm.weight (fc.weight is [64, 384])"
    ),
    ([("fc.weight", [1 << 62, 0])], "fc.weight [\(1 << 62), 0] is a fusion that no known kind has"),
    ([("fc.weight", [64])], "fc.weight [64] is a fusion that no known kind has"),
    (
      [("fc.weight", [64, 128]), ("embed_layernorm.weight", [64])],
      "they are those of an EAGLE or HASS draft with norms of its own, which is not known (fc.weight is [64, 128])"
    ),
    (
      [("fc.weight", [64, 128]), ("norm.weight", [64])],
      "they are those of an EAGLE or HASS draft with norms of its own, which is not known (fc.weight is [64, 128])"
    ),
    (
      [("layers.0.mlp.down_proj.weight", [128, 172]), ("layers.0.post_attention_layernorm.weight", [64])],
      "half of what GRIFFIN has is there; this may be FSPAD, which is not known"
    ),
    ([("fc.fc.weight", [64, 128])], "half of what GRIFFIN has is there; this may be FSPAD, which is not known"),
    ([("0.0.linear.weight", [64, 64]), ("0.1.weight", [203, 64])], "they are those of Medusa heads"),
    ([("medusa_head.0.0.linear.weight", [64, 64])], "they are those of Medusa heads"),
    ([("mtp.fc.weight", [64, 128])], "they are those of multi-token prediction (MTP) layers"),
    ([("model.layers.61.eh_proj.weight", [64, 128])], "they are those of multi-token prediction (MTP) layers"),
    ([("mask_token", [64])], "a mask token is DFlash's"),
    (
      [("model.embed_tokens.weight", [9, 4]), ("model.layers.0.input_layernorm.weight", [4]), ("model.norm.weight", [4])],
      "they are those of a whole language model; give it with --target"
    ),
    ([("a", [1]), ("b", [1])], "found a, b"),
    ([("a", [1]), ("b", [1]), ("c", [1]), ("d", [1]), ("e", [1])], "found a, b, c, d, …"),
    ([], "there are none"),
  ]

  @Test(arguments: others.indices) func otherLayoutsAreNamed(index: Int) throws {
    let (tensors, words) = DraftModelTests.others[index]
    var source = MemorySource()
    for (name, shape) in tensors { try source.add(name, .f16, shape) }
    let error = try DraftModelTests.refusal(source, TinyModel.draft().config)
    #expect(error?.kind == .unsupported && error?.file == "config.json")
    #expect(error?.message == "the tensors are not those of a known draft kind: \(words)")
    #expect(error?.hints == ["known kinds: griffin, eagle3, eagle, hass"])
  }

  @Test func problemsAreSaidAtOnceHereToo() throws {
    var tiny = try TinyModel.draft()
    tiny.source.remove("fc.fc.bias")
    tiny.source.remove("layers.0.mlp.down_proj.weight")
    try tiny.source.add("layers.0.mlp.down_proj.weight", .f32, [64, 172])
    try tiny.source.add("layers.0.input_layernorm.weight", .f32, [64])
    let error = try DraftModelTests.refusal(tiny.source, tiny.config)
    #expect(
      error?.hints == [
        "missing: fc.fc.bias [64]",
        "of another shape: layers.0.mlp.down_proj.weight: expected [128, 172], found [64, 172]",
        "unexpected: layers.0.input_layernorm.weight [64]",
      ])
  }

  @Test func layersAndTiesOfTheFileDoNotCount() throws {
    var tiny = try TinyModel.draft()
    tiny.config["num_hidden_layers"] = 32
    tiny.config["tie_word_embeddings"] = true
    let model = try DraftModel.recognise(tiny.source, config: tiny.document())
    #expect(model.configuration.layerCount == 1 && !model.configuration.tiesEmbeddings)
  }

  @Test(arguments: [nil, false, true], [false, true])
  func tensorsDecideOnBiases(declared: Bool?, present: Bool) throws {
    var tiny = try TinyModel.draft(TinyModel.Options { $0.biases = present })
    if let declared { tiny.config["qkv_bias"] = .bool(declared) }
    let model = try DraftModel.recognise(tiny.source, config: tiny.document())
    #expect((model.tensors[.layer(0, .keyBias)] != nil) == present)
    switch (declared, present) {
    case (true, false):
      #expect(model.warnings == ["the draft's configuration declares q/k/v biases and the file has none; the tensors decide"])
    case (false, true):
      #expect(model.warnings == ["the draft's configuration denies q/k/v biases and the file has them; the tensors decide"])
    default:
      #expect(model.warnings.isEmpty)
    }
  }

  @Test func rotaryBuffersAreDroppedAndSaid() throws {
    var tiny = try TinyModel.draft()
    try tiny.source.add("layers.0.self_attn.rotary_emb.inv_freq", .f32, [10])
    let model = try DraftModel.recognise(tiny.source, config: tiny.document())
    #expect(
      model.warnings == ["dropped a tensor that follows from the configuration (layers.0.self_attn.rotary_emb.inv_freq)"])
  }

  @Test func sizesAreItsOwn() throws {
    let target = try TinyModel.target()
    let own = TinyModel.Options { ($0.heads, $0.keyValueHeads, $0.headDimension, $0.intermediate) = (8, 8, nil, 90) }
    let draft = try TinyModel.draft(own)
    let pair = try ModelPair(
      target: TargetModel.recognise(target.source, config: target.document()),
      draft: DraftModel.recognise(draft.source, config: draft.document()))
    #expect(pair.draft.configuration.headCount == 8 && pair.target.configuration.headCount == 4)
    #expect(pair.draft.configuration.intermediateSize == 90)
    #expect(pair.draft.configuration.rmsNormEpsilon == 1e-6 && pair.target.configuration.rmsNormEpsilon == 1e-5)
  }

  @Test func halvesThatDoNotFitAreToldWithEverySize() throws {
    let pair = try TinyPair()
    let draft = try TinyModel.draft(TinyModel.Options { ($0.hidden, $0.vocabulary) = (48, 99) })
    let other = try DraftModel.recognise(draft.source, config: draft.document())
    let error = #expect(throws: GriffinError.self) { try ModelPair(target: pair.target, draft: other, draftFile: "draft") }
    #expect(
      error
        == GriffinError(
          .inconsistent, file: "draft",
          "the draft was not trained for this target: its hidden_size is 48 where the target has 64, its vocab_size is 99 "
            + "where the target has 203", hints: ["give the target that the draft was released for"]))
    #expect(throws: GriffinError.self) { try ModelPair.ifBoth(pair.target, other, file: nil) }
    #expect(try ModelPair.ifBoth(pair.target, nil, file: nil) == nil)
    #expect(try ModelPair.ifBoth(nil, other, file: nil) == nil)
    #expect(try ModelPair.ifBoth(pair.target, pair.draft, file: nil) != nil)
  }
}
