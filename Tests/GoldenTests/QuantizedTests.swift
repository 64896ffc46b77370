import ByteStorage
import Bundles
import Conversion
import LinearAlgebra
import Quantization
import SpeculativeDecoding
import Models
import Tensors
import TestSupport
import Testing
import Verification

/// Trained pairs packed in smaller types.
struct QuantizedTests {
  /// Quantized weights are another model, so ids differ from the trace's; both ways of decoding still agree.
  @Test(arguments: GoldenPair.names) func speculativeEqualsVanillaInQ8(name: String) throws {
    let pair = try GoldenPair(name)
    let trace = try pair.trace("trace.json")
    let acceptanceLength = try QuantizedTests.acceptanceLength(pair, recipe: "q8_0", trace, cases: trace.cases.count)
    // So little is lost that drafts are accepted nearly as long.
    #expect(abs(acceptanceLength - trace.acceptanceLength) < 0.1 * trace.acceptanceLength)
  }

  /// Rows of the wide pair are whole blocks of every type.
  @Test(arguments: Recipe.all.map(\.name)) func speculativeEqualsVanillaInEveryRecipe(recipe: String) throws {
    let pair = try GoldenPair("llama2-wide")
    let acceptanceLength = try QuantizedTests.acceptanceLength(pair, recipe: recipe, pair.trace("trace-small-tree.json"), cases: 1)
    #expect(acceptanceLength >= 1)
  }

  /// The families that no golden pair has, in tiny models whose rows are whole blocks of every type.
  @Test(arguments: ["qwen3_moe", "qwen2_moe", "smollm3", "granite"])
  func otherFamiliesDecodeAlikeInEveryRecipe(family: String) throws {
    var options = TinyModel.Options.family(family, seed: 3)
    (options.hidden, options.intermediate, options.headDimension, options.vocabulary) = (256, 256, nil, 40)
    for width in ["moe_intermediate_size", "shared_expert_intermediate_size"] where options.extra[width] != nil { options.extra[width] = 256 }
    let pair = try TinyPair(options)
    let settings = DecodeSettings(totalTokens: 24, depth: 3, topK: 8, maxNewTokens: 8)
    var length = 0.0
    for recipe in Recipe.all {
      let results = try QuantizedTests.results(pair.target, pair.draft, recipe: recipe.name, prompts: [("drawn", [7, 31, 12])], settings)
      length += QuantizedTests.acceptanceLength(results)
    }
    // Trees are accepted at times, so that there is something to get wrong.
    #expect(length > 1.1 * Double(Recipe.all.count), "\(length)")
  }

  /// Packs a pair, decodes recorded prompts both ways, and expects the same of both.
  private static func acceptanceLength(
    _ pair: GoldenPair, recipe: String, _ trace: DecodeTrace, cases: Int
  ) throws -> Double {
    try acceptanceLength(results(pair.target, pair.draft, recipe: recipe, prompts: trace.cases.prefix(cases).map { ($0.name, $0.promptIDs) }, trace.settings))
  }

  private static func acceptanceLength(_ results: [CaseResult]) -> Double {
    let cycles = results.flatMap(\.cycles)
    return Double(cycles.reduce(0) { $0 + $1.accepted.count }) / Double(cycles.count)
  }

  private static func results(
    _ target: TargetModel, _ draft: DraftModel, recipe: String, prompts: [(name: String, ids: [Int])], _ settings: DecodeSettings
  ) throws -> [CaseResult] {
    let folder = try TemporaryFolder()
    // Recipes of few bits are refused without.
    var importance: [String: [Float]] = [:]
    for (component, model) in [("target/", target.tensors), ("draft/", draft.tensors)] {
      for binding in model.bindings {
        importance[component + binding.name] = [Float](repeating: 1, count: model.source.tensors[binding.index].shape.rowLength)
      }
    }
    let selection = TypeSelection(try Recipe.named(recipe), importance: ImportanceMatrix(importance))
    let inputs = try ConversionInputs(
      target: ConversionComponent(target, selection: selection, weightFiles: [], attachments: []),
      draft: ConversionComponent(draft, selection: selection, weightFiles: [], attachments: []))
    _ = try ConversionRun(inputs, output: folder.path("packed.griffin")).run()
    let bundle = try ModelBundle.open(path: folder.path("packed.griffin"))
    let decoder = try PairDecoder(
      target: #require(try bundle.targetModel()), draft: bundle.draftModel(), compute: Compute(threads: 2))
    let runner = CaseRunner(decoder)
    return try prompts.map { prompt in
      let result = try runner.run(name: prompt.name, prompt: prompt.ids, settings: settings)
      #expect(result.isIdentical, "\(prompt.name) in \(recipe)")
      return result
    }
  }
}
