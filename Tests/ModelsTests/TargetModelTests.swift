import ByteStorage
import Models
import Tensors
import TestSupport
import Testing

struct TargetModelTests {
  private static func refusal(_ model: TinyModel) throws -> GriffinError? {
    let document = try model.document()
    return #expect(throws: GriffinError.self) { try TargetModel.recognise(model.source, config: document) }
  }

  @Test func everyTensorHasItsRole() throws {
    let tiny = try TinyModel.target()
    let model = try TargetModel.recognise(tiny.source, config: tiny.document())
    // The embedding, the final norm and the head, and nine of each of two layers.
    #expect(model.tensors.bindings.count == 3 + 2 * 9)
    #expect(model.tensors.bindings.first?.role == .tokenEmbedding && model.tensors.bindings.last?.role == .outputHead)
    for binding in model.tensors.bindings {
      #expect(tiny.source.tensors[binding.index].name == binding.name)
      #expect(model.tensors[binding.role] == binding.index)
    }
    let down = try #require(model.tensors[.layer(1, .down)])
    #expect(tiny.source.tensors[down].name == "model.layers.1.mlp.down_proj.weight")
    #expect(model.tensors[.layer(2, .down)] == nil && model.tensors[.layer(0, .queryBias)] == nil)
    #expect(model.warnings.isEmpty)
  }

  @Test func allProblemsAreSaidAtOnce() throws {
    var tiny = try TinyModel.target()
    tiny.source.remove("model.norm.weight")
    tiny.source.remove("model.layers.0.self_attn.k_proj.weight")
    tiny.source.remove("model.layers.1.mlp.up_proj.weight")
    tiny.source.remove("model.layers.1.input_layernorm.weight")
    try tiny.source.add("model.layers.0.self_attn.k_proj.weight", .f32, [64, 40])
    try tiny.source.add("model.layers.2.mlp.up_proj.weight", .f32, [172, 64])
    try tiny.source.add("score.weight", .f16, [3])
    try tiny.source.add("model.layers.1.mlp.up_proj.weight", .i8, [172, 64])
    let error = try #require(try TargetModelTests.refusal(tiny))
    #expect(error.kind == .inconsistent && error.file == "config.json" && error.tensor == nil)
    #expect(
      error.message
        == "the tensors are not those that the configuration describes (2 missing, 1 of another shape, 2 unexpected, "
        + "1 of a type that is not a weight); missing: model.layers.1.input_layernorm.weight [64]")
    #expect(
      error.hints == [
        "missing: model.layers.1.input_layernorm.weight [64]",
        "missing: model.norm.weight [64]",
        "of another shape: model.layers.0.self_attn.k_proj.weight: expected [40, 64], found [64, 40]",
        "unexpected: model.layers.2.mlp.up_proj.weight [172, 64]",
        "unexpected: score.weight [3]",
        "of a type that is not a weight: model.layers.1.mlp.up_proj.weight: i8",
      ])
  }

  @Test func oneProblemNamesItsTensor() throws {
    var tiny = try TinyModel.target()
    tiny.source.remove("model.norm.weight")
    var error = try TargetModelTests.refusal(tiny)
    #expect(error?.tensor == "model.norm.weight" && error?.hints == [])
    #expect(
      error?.message
        == "the tensors are not those that the configuration describes (1 missing); missing: model.norm.weight [64]")
    try tiny.source.add("model.norm.weight", .i64, [64])
    error = try TargetModelTests.refusal(tiny)
    #expect(error?.kind == .unsupported && error?.tensor == "model.norm.weight")
    #expect(error?.message.hasSuffix("of a type that is not a weight: model.norm.weight: i64") == true)
  }

  @Test func longListsOfProblemsAreCut() throws {
    var tiny = try TinyModel.target()
    tiny.config["num_hidden_layers"] = 20
    let error = try #require(try TargetModelTests.refusal(tiny))
    #expect(error.message.contains("(\(18 * 9) missing)"))
    #expect(error.hints.count == 51 && error.hints[50] == "… and \(18 * 9 - 50) more")
  }

  @Test func hostileNamesStayOnOneLine() throws {
    var tiny = try TinyModel.target()
    try tiny.source.add("evil\n\u{1B}[2Jname" + String(repeating: "x", count: 5000), .f32, [1])
    let error = try #require(try TargetModelTests.refusal(tiny))
    #expect(!error.description.contains("\n") && !error.description.contains("\u{1B}"))
    #expect(error.message.count < 400)
  }

  @Test func rotaryBuffersAreDroppedAndSaid() throws {
    var tiny = try TinyModel.target()
    try tiny.source.add("model.layers.0.self_attn.rotary_emb.inv_freq", .f32, [10])
    try tiny.source.add("model.layers.1.self_attn.rotary_emb.inv_freq", .f32, [10])
    let model = try TargetModel.recognise(tiny.source, config: tiny.document())
    #expect(
      model.warnings == [
        "dropped 2 tensors that follow from the configuration (model.layers.0.self_attn.rotary_emb.inv_freq, …)"
      ])
    #expect(!model.tensors.bindings.contains { $0.name.contains("inv_freq") })
  }

  @Test func headsMayBeTiedOrNot() throws {
    let tied = try TinyModel.target(TinyModel.Options { $0.tied = true })
    let model = try TargetModel.recognise(tied.source, config: tied.document())
    #expect(model.tensors[.outputHead] == nil && model.configuration.tiesEmbeddings)
    var untied = tied
    untied.config["tie_word_embeddings"] = false
    #expect(try TargetModelTests.refusal(untied)?.tensor == "lm_head.weight")
    var both = try TinyModel.target()
    both.config["tie_word_embeddings"] = true
    #expect(try TargetModel.recognise(both.source, config: both.document()).tensors[.outputHead] != nil)
  }

  @Test func biasesMayBeThereOrNot() throws {
    let tiny = try TinyModel.target(TinyModel.Options { $0.biases = true })
    let model = try TargetModel.recognise(tiny.source, config: tiny.document())
    for layer in 0..<2 {
      #expect(model.tensors[.layer(layer, .queryBias)] != nil)
      #expect(model.tensors[.layer(layer, .keyBias)] != nil)
      #expect(model.tensors[.layer(layer, .valueBias)] != nil)
      #expect(model.tensors[.layer(layer, .outputBias)] == nil)
    }
  }

  @Test func familyIsDeclaredByModelTypeThenByArchitectures() throws {
    var tiny = try TinyModel.target()
    tiny.config["model_type"] = nil
    #expect(try TargetModel.recognise(tiny.source, config: tiny.document()).family.name == "llama")
    tiny.config["architectures"] = nil
    var error = try TargetModelTests.refusal(tiny)
    #expect(error?.kind == .unsupported && error?.file == "config.json")
    #expect(error?.message.hasPrefix("the configuration declares no model_type; known model types are llama, qwen2, ") == true)
    tiny.config["architectures"] = ["LlamaForCausalLM"]
    tiny.config["model_type"] = "mamba"
    error = try TargetModelTests.refusal(tiny)
    #expect(error?.kind == .unsupported)
    #expect(error?.message.hasPrefix("the configuration declares model_type \"mamba\"; known model types are llama, ") == true)
    #expect(ModelFamily.named("llama")?.name == "llama" && ModelFamily.named("LLAMA") == nil)
  }

  @Test func endTokensComeFromBothFiles() throws {
    var tiny = try TinyModel.target()
    tiny.config["eos_token_id"] = 2
    let generation = try ConfigDocument(["eos_token_id": [7, 2, 100_000]], file: "generation_config.json")
    let model = try TargetModel.recognise(tiny.source, config: tiny.document(), generation: generation)
    #expect(model.configuration.endTokens == [2, 7, 100_000])
    #expect(model.configuration.stopTokens == [2, 7])
    #expect(model.warnings == ["end-of-text ids [100000] lie outside the vocabulary of 203 and never end a text"])
    let wrong = try ConfigDocument(["eos_token_id": "</s>"], file: "generation_config.json")
    let error = #expect(throws: GriffinError.self) {
      try TargetModel.recognise(tiny.source, config: tiny.document(), generation: wrong)
    }
    #expect(error?.file == "generation_config.json")
  }

  @Test func draftsAreNoTargets() throws {
    let tiny = try TinyModel.draft()
    let error = try TargetModelTests.refusal(tiny)
    #expect(error?.kind == .inconsistent && error?.hints == ["give it with --draft"])
    #expect(error?.message == "the tensors are those of a griffin draft, not of a target model")
  }

  @Test func componentsOfABundleAreToldByTheirPrefix() throws {
    let (target, draft) = (try TinyModel.target(), try TinyModel.draft())
    var source = MemorySource()
    for tensor in target.source.tensors { try source.add("target/" + tensor.name, tensor.type, tensor.shape.dimensions) }
    for tensor in draft.source.tensors { try source.add("draft/" + tensor.name, tensor.type, tensor.shape.dimensions) }
    let table = TensorTable(source)
    let model = try TargetModel(
      family: .all[0], configuration: TransformerConfiguration(reading: target.document()), table: table, prefix: "target/",
      file: "pair.griffin")
    #expect(model.tensors.bindings.map(\.name).contains("lm_head.weight"))
    let other = try DraftModel(
      kind: .all[0], configuration: TransformerConfiguration(reading: draft.document()), table: table, prefix: "draft/",
      file: "pair.griffin")
    #expect(other.tensors.bindings.count == draft.source.tensors.count)
  }
}
