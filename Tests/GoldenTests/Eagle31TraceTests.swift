import Checkpoints
import LinearAlgebra
import Models
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing
import Verification

/// EAGLE-3.1 drafts beside their target, as trees and as chains, against traces of speculators' own model beside transformers'
/// (`scripts/make-eagle31-traces.py`).
struct Eagle31TraceTests {
  private static func checkpoint(_ name: String) throws -> (Checkpoint, ConfigDocument) {
    let checkpoint = try Checkpoint.open(path: Fixtures.path("eagle31-traces/\(name)"))
    return (checkpoint, try ConfigDocument(checkpoint.config, file: checkpoint.configPath))
  }

  @Test(arguments: ["norms", "two-layers"], ["trace.json", "trace-chain.json"]) func tracesAreThoseOfSpeculators(name: String, file: String) throws {
    let (files, config) = try Eagle31TraceTests.checkpoint("target")
    let (draftFiles, draftConfig) = try Eagle31TraceTests.checkpoint(name)
    let target = try TargetModel.recognise(files.source, config: config)
    let draft = try DraftModel.recognise(draftFiles.source, config: draftConfig)
    #expect(draft.kind.name == "eagle3" && draft.configuration.layerCount == (name == "norms" ? 1 : 2))
    let trace = try DecodeTrace(path: Fixtures.path("eagle31-traces/\(name)/\(file)"))
    let (cases, check) = try CaseRunner(try PairDecoder(target: target, draft: draft, compute: Compute(threads: 2))).run(trace, label: file)
    #expect(check.isOK, "\(check.detail)")
    #expect(cases.count == trace.cases.count && cases.allSatisfy { $0.cycles.count > 10 })
    for (mine, recorded) in zip(cases, trace.cases) {
      #expect(mine.isOK, "\(mine.name): \(mine.mismatches)")
      #expect(mine.vanillaIDs == recorded.vanillaIDs && mine.speculativeIDs == recorded.speculativeIDs)
    }
    // Some of what is drafted is what the target says, and not all.
    #expect(trace.acceptanceLength > 1.1 && trace.acceptanceLength < 3)
  }
}
