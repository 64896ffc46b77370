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

  /// Packs a pair, decodes recorded prompts both ways, and expects the same of both.
  private static func acceptanceLength(
    _ pair: GoldenPair, recipe: String, _ trace: DecodeTrace, cases: Int
  ) throws -> Double {
    let folder = try TemporaryFolder()
    // Recipes of few bits are refused without.
    var importance: [String: [Float]] = [:]
    for (component, model) in [("target/", pair.target.tensors), ("draft/", pair.draft.tensors)] {
      for binding in model.bindings {
        importance[component + binding.name] = [Float](repeating: 1, count: model.source.tensors[binding.index].shape.rowLength)
      }
    }
    let selection = TypeSelection(try Recipe.named(recipe), importance: ImportanceMatrix(importance))
    let inputs = try ConversionInputs(
      target: ConversionComponent(pair.target, selection: selection, weightFiles: [], attachments: []),
      draft: ConversionComponent(pair.draft, selection: selection, weightFiles: [], attachments: []))
    _ = try ConversionRun(inputs, output: folder.path("packed.griffin")).run()
    let bundle = try ModelBundle.open(path: folder.path("packed.griffin"))
    let (target, draft) = (try #require(try bundle.targetModel()), try #require(try bundle.draftModel()))
    let runner = CaseRunner(try PairDecoder(target: target, draft: draft, compute: Compute(threads: 2)))
    var (tokens, cycles) = (0, 0)
    for recorded in trace.cases.prefix(cases) {
      let result = try runner.run(name: recorded.name, prompt: recorded.promptIDs, settings: trace.settings)
      #expect(result.isIdentical, "\(recorded.name)")
      tokens += result.cycles.reduce(0) { $0 + $1.accepted.count }
      cycles += result.cycles.count
    }
    return Double(tokens) / Double(cycles)
  }
}
