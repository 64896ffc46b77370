import ByteStorage
import Checkpoints
import Foundation
import LinearAlgebra
import Models
import SpeculativeDecoding
import TestSupport
import Testing
import Verification

/// A tiny pair made wider and deeper: what the decoding benchmark measures at real sizes.
struct InflationTests {
  @Test(arguments: [4, 3]) func anInflatedPairDecodesWhatTheTinyOneDoes(widening: Int) throws {
    let (folder, path) = (try TemporaryFolder(), try Fixtures.golden("llama2-tiny"))
    let inflation = Inflation(widening: widening, intermediateSize: 1024, layerCount: 6)
    for half in ["target", "draft"] {
      let tiny = try Checkpoint.open(path: "\(path)/\(half)")
      let config = try #require(tiny.config.object)
      try inflation.write(tiny.source, config: config, isTarget: half == "target", to: URL(filePath: folder.path(half)))
    }
    let (target, draft) = (try Checkpoint.open(path: folder.path("target")), try Checkpoint.open(path: folder.path("draft")))
    let wide = try TargetModel.recognise(target.source, config: ConfigDocument(target.config, file: target.configPath))
    #expect(wide.configuration.hiddenSize == 128 * widening && wide.configuration.layerCount == 6)
    let decoder = try PairDecoder(
      target: wide, draft: DraftModel.recognise(draft.source, config: ConfigDocument(draft.config, file: draft.configPath)),
      compute: Compute(threads: 2))
    let trace = try GoldenPair("llama2-tiny").trace("trace.json")
    for recorded in trace.cases {
      try decoder.prepare(prompt: recorded.promptIDs)
      #expect(try decoder.decodePlainly(trace.settings).ids == recorded.vanillaIDs)
      let run = try decoder.decodeSpeculatively(trace.settings)
      #expect(run.ids == recorded.speculativeIDs)
      // At a ratio of a power of four the norms are the same to the bit.
      if widening == 4 { #expect(run.cycles.map(\.accepted) == recorded.cycles.map(\.accepted)) }
    }
  }
}
