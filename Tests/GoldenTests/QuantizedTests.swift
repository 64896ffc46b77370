import Bundles
import Conversion
import LinearAlgebra
import Quantization
import SpeculativeDecoding
import TestSupport
import Testing
import Verification

/// Trained pairs packed in smaller types.
struct QuantizedTests {
  /// Quantized weights are another model, so ids differ from the trace's; both ways of decoding still agree.
  @Test(arguments: GoldenPair.names) func speculativeEqualsVanillaInQ8(name: String) throws {
    let folder = try TemporaryFolder()
    let pair = try GoldenPair(name)
    let selection = TypeSelection(try Recipe.named("q8_0"))
    let inputs = try ConversionInputs(
      target: ConversionComponent(pair.target, selection: selection, weightFiles: [], attachments: []),
      draft: ConversionComponent(pair.draft, selection: selection, weightFiles: [], attachments: []))
    _ = try ConversionRun(inputs, output: folder.path("q8.griffin")).run()
    let bundle = try ModelBundle.open(path: folder.path("q8.griffin"))
    let (target, draft) = (try #require(try bundle.targetModel()), try #require(try bundle.draftModel()))
    let runner = CaseRunner(try PairDecoder(target: target, draft: draft, compute: Compute(threads: 2)))
    let trace = try pair.trace("trace.json")
    var (tokens, cycles) = (0, 0)
    for recorded in trace.cases {
      let result = try runner.run(name: recorded.name, prompt: recorded.promptIDs, settings: trace.settings)
      #expect(result.isIdentical, "\(recorded.name)")
      tokens += result.cycles.reduce(0) { $0 + $1.accepted.count }
      cycles += result.cycles.count
    }
    // So little is lost that drafts are accepted nearly as long.
    let acceptanceLength = Double(tokens) / Double(cycles)
    #expect(abs(acceptanceLength - trace.acceptanceLength) < 0.1 * trace.acceptanceLength)
  }
}
