import ByteStorage
import Models
import Quantization
import Tensors
import Testing

struct TypeSelectionTests {
  private static func tensor(
    _ name: String, _ role: TensorRole, _ shape: [Int], _ type: ElementType = .f16
  ) throws -> RecipeTensor {
    RecipeTensor(name: name, role: role, shape: try Shape(shape), sourceType: type)
  }

  private static func model(_ type: ElementType = .f16) throws -> [RecipeTensor] {
    [
      try tensor("target/model.embed_tokens.weight", .tokenEmbedding, [100, 64], type),
      try tensor("target/model.layers.0.self_attn.q_proj.weight", .layer(0, .query), [64, 64], type),
      try tensor("target/model.layers.0.self_attn.q_proj.bias", .layer(0, .queryBias), [64], type),
      try tensor("target/model.layers.0.mlp.down_proj.weight", .layer(0, .down), [64, 72], type),
      try tensor("target/model.norm.weight", .finalNorm, [64], type),
      try tensor("target/lm_head.weight", .outputHead, [100, 64], type),
    ]
  }

  private static func types(
    _ recipe: String, _ model: [RecipeTensor]? = nil, _ change: (inout TypeSelection) throws -> Void = { _ in }
  ) throws -> [ElementType] {
    var selection = TypeSelection(try Recipe.named(recipe))
    try change(&selection)
    return try selection.types(for: model ?? TypeSelectionTests.model())
  }

  @Test func copyKeepsEveryType() throws {
    var model = try TypeSelectionTests.model()
    model[0] = try TypeSelectionTests.tensor("target/model.embed_tokens.weight", .tokenEmbedding, [100, 256], .q4_k)
    model[4] = try TypeSelectionTests.tensor("target/model.norm.weight", .finalNorm, [64], .f32)
    #expect(try TypeSelectionTests.types("copy", model) == [.q4_k, .f16, .f16, .f16, .f32, .f16])
  }

  @Test(arguments: [ElementType.f32, .f16, .bf16]) func plainRecipesConvertEverything(type: ElementType) throws {
    #expect(try TypeSelectionTests.types(type.rawValue.uppercased()) == Array(repeating: type, count: 6))
  }

  /// Vectors stay, and rows of 72 are no whole number of blocks of 32.
  @Test func blockRecipesTakeMatricesAlone() throws {
    #expect(try TypeSelectionTests.types("q8_0") == [.q8_0, .q8_0, .f16, .f16, .f16, .q8_0])
    #expect(try TypeSelectionTests.types("Q8_0", TypeSelectionTests.model(.f32)) == [.q8_0, .q8_0, .f32, .f16, .f32, .q8_0])
  }

  @Test func overridesCountInTheirOrder() throws {
    let types = try TypeSelectionTests.types("q8_0") { selection in
      selection.embeddingType = .bf16
      selection.outputType = .f32
      selection.rules = [
        try TypeSelection.Rule(parsing: "layers\\.[0-9]+\\.self_attn=f32"), try TypeSelection.Rule(parsing: "q_proj\\.weight$=BF16"),
        try TypeSelection.Rule(parsing: "^draft/=f32"),
      ]
    }
    #expect(types == [.bf16, .bf16, .f32, .f16, .f16, .f32])
    let all = try TypeSelectionTests.types("copy") {
      $0.outputType = .f32
      $0.rules = [try TypeSelection.Rule(parsing: "lm_head=q8_0")]
    }
    #expect(all == [.f16, .f16, .f16, .f16, .f16, .q8_0])
  }

  @Test func wrongFlagsAreUsage() throws {
    for text in ["q8_0", "=q8_0", "x=", "x=q9", "(=q8_0", "x=i32"] {
      let error = #expect(throws: GriffinError.self) { try TypeSelection.Rule(parsing: text) }
      #expect(error?.kind == .usage, "\(text)")
    }
    #expect(throws: GriffinError.self) { try Recipe.named("q17") }
    let vector = #expect(throws: GriffinError.self) {
      try TypeSelectionTests.types("copy") { $0.rules = [try TypeSelection.Rule(parsing: "norm=q8_0")] }
    }
    #expect(vector?.kind == .usage && vector?.tensor == "target/model.norm.weight")
  }

  @Test func blocksAreNotEncodedAgainUnasked() throws {
    let model = [try TypeSelectionTests.tensor("target/lm_head.weight", .outputHead, [100, 64], .q8_0)]
    #expect(try TypeSelectionTests.types("q8_0", model) == [.q8_0])
    let error = #expect(throws: GriffinError.self) { try TypeSelectionTests.types("f16", model) }
    #expect(error?.kind == .inconsistent && error?.tensor == "target/lm_head.weight")
    #expect(error?.hints.first?.contains("--allow-requantize") == true)
    #expect(try TypeSelectionTests.types("f16", model) { $0.allowsRequantizing = true } == [.f16])
  }

  @Test func typesThatNobodyDecodesAreOnlyCopied() throws {
    let model = [try TypeSelectionTests.tensor("target/lm_head.weight", .outputHead, [100, 64], .f8_e4m3)]
    #expect(try TypeSelectionTests.types("copy", model) == [.f8_e4m3])
    let error = #expect(throws: GriffinError.self) { try TypeSelectionTests.types("f16", model) }
    #expect(error?.kind == .unsupported)
  }

  @Test func draftsAreKeptFiner() throws {
    #expect(Recipe.draftDefault(for: .copy).name == "copy")
    #expect(Recipe.draftDefault(for: try Recipe.named("f16")).name == "q8_0")
    #expect(Recipe.draftDefault(for: try Recipe.named("q8_0")).name == "q8_0")
  }

  /// llama-quantize refuses these: the head and the embedding may do without in some types, in others nothing.
  @Test(arguments: [
    (ElementType.iq2_xxs, true), (.iq2_xs, true), (.iq1_s, true), (.iq2_s, false), (.iq3_xxs, false), (.iq1_m, false),
  ]) func fewBitsNeedImportance(type: ElementType, atEnds: Bool) throws {
    let model = [
      try TypeSelectionTests.tensor("target/a", .layer(0, .query), [4, 256]),
      try TypeSelectionTests.tensor("target/head", .outputHead, [4, 256]),
    ]
    let recipe = "\(type)_pure"
    let without = #expect(throws: GriffinError.self) { try TypeSelectionTests.types(recipe, model) }
    #expect(without?.kind == .usage && without?.tensor == "target/a" && without?.hints.first?.contains("--imatrix") == true)
    func types(_ known: [String]) throws -> [ElementType] {
      try TypeSelectionTests.types(recipe, model) {
        $0.importance = ImportanceMatrix(Dictionary(uniqueKeysWithValues: known.map { ($0, [Float](repeating: 1, count: 256)) }))
      }
    }
    #expect(try types(["target/a", "target/head"]) == [type, type])
    let unknown = #expect(throws: GriffinError.self) { try types(["target/head"]) }
    #expect(unknown?.kind == .inconsistent && unknown?.tensor == "target/a")
    if atEnds {
      #expect(throws: GriffinError.self) { try types(["target/a"]) }
    } else {
      #expect(try types(["target/a"]) == [type, type])
    }
    // What is not encoded needs nothing.
    let stored = try model.map { try TypeSelectionTests.tensor($0.name, $0.role, [4, 256], type) }
    #expect(try TypeSelectionTests.types(recipe, stored) == [type, type])
  }

  @Test(arguments: ["iq3_s", "iq3_m", "iq4_xs_mix", "tq2_0", "mxfp4", "q2_k_mix"]) func othersDoNot(recipe: String) throws {
    let model = [try TypeSelectionTests.tensor("target/a", .layer(0, .query), [4, 256])]
    #expect(try TypeSelectionTests.types(recipe, model).count == 1)
  }
}
