import ByteStorage
import LinearAlgebra
import SpeculativeDecoding
import TestSupport
import Testing
import Verification

/// What tuning foresees against what decoding does.
struct TuningTests {
  private struct Outcome {
    var accepted: [Int] = []
    var sample = AcceptanceSample()
  }

  /// Decodes a golden pair's prompts with a tree.
  private func decode(_ pair: GoldenPair, _ shape: TreeShape) throws -> Outcome {
    var settings = DecodeSettings(maxNewTokens: 40)
    settings.tree = shape
    var outcome = Outcome()
    let decoder = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 2))
    for recorded in try pair.trace("trace.json").cases {
      try decoder.prepare(prompt: recorded.promptIDs)
      let cycles = try decoder.decodeSpeculatively(settings).cycles
      outcome.accepted += cycles.dropLast().map(\.acceptedDraftTokens)
      outcome.sample.add(cycles)
    }
    return outcome
  }

  /// A tree of fewer nodes, passes or beams accepts on average what the record of the widest says that it would.
  @Test(arguments: ["llama2-tiny", "qwen2-tiny", "llama3-eagle3"]) func smallerTreesAcceptWhatTheWidestForesees(name: String) throws {
    let pair = try GoldenPair(name)
    let widest = try decode(pair, AcceptanceSample.widest)
    #expect(widest.sample.count > 10)
    for shape in [
      TreeShape(totalTokens: 2, depth: 0, topK: 10), TreeShape(totalTokens: 8, depth: 2, topK: 10),
      TreeShape(totalTokens: 24, depth: 4, topK: 10), TreeShape(totalTokens: 60, depth: 5, topK: 10),
      TreeShape(totalTokens: 5, depth: 3, topK: 1), TreeShape(totalTokens: 16, depth: 5, topK: 4),
    ] {
      let real = try decode(pair, shape)
      let foreseen = widest.sample.acceptanceByPosition(shape)
      #expect(foreseen.count == shape.depth + 1)
      #expect(zip(foreseen, foreseen.dropFirst()).allSatisfy { $0 >= $1 })
      // Both go over the same texts, though not over the same places of them.
      let (mine, other) = (foreseen.reduce(0, +), Double(real.accepted.reduce(0, +)) / Double(real.accepted.count))
      #expect(abs(mine - other) < 0.25 * (1 + other), "\(shape): \(mine) foreseen, \(other) seen")
    }
  }

  @Test func theChosenTreeIsTheFastestOfThoseThatAreExpected() throws {
    let pair = try GoldenPair("llama2-tiny")
    let decoder = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 2))
    var told = 0
    var tuner = TreeTuner(decoder, settings: DecodeSettings(maxNewTokens: 32)) { told += $0 }
    for recorded in try pair.trace("trace.json").cases.prefix(2) {
      #expect(try tuner.observe(recorded.promptIDs) == Array(recorded.vanillaIDs.prefix(32)))
    }
    let result = try tuner.result()
    #expect(result.best.count == 5 && told > 0 && result.places > 0)
    #expect(result.best.allSatisfy { $0.expectedSpeedup <= result.chosen.expectedSpeedup })
    #expect(result.measuredSpeedups.count == TreeTuner.rounds && result.measuredSpeedups.allSatisfy { $0 > 0 })
    #expect(result.costs.target.points.map(\.tokens) == [1, 2, 4, 8, 12, 16, 24, 32, 48, 64])
    let document = result.document(warnings: [])
    #expect(document["pass_seconds"]?["64"]?.double ?? 0 > 0)
    #expect(document["acceptance_by_position"]?.array?.count == result.chosen.shape.depth + 1)
  }
}
