import Bundles
import ByteStorage
import Conversion
import LinearAlgebra
import Models
import Quantization
import SpeculativeDecoding
import TestSupport
import Testing
import Verification

/// Pairs that are not LLaMA with GRIFFIN, packed and decoded from their bundles.
struct EagleBundleTests {
  private static func bundle(
    _ target: TinyModel, _ draft: TinyModel, kind: String? = nil, in folder: TemporaryFolder
  ) throws -> ModelBundle {
    let inputs = try ConversionInputs(
      target: ConversionComponent(
        TargetModel.recognise(target.source, config: target.document()), selection: .copy, weightFiles: [], attachments: []),
      draft: ConversionComponent(
        DraftModel.recognise(draft.source, config: draft.document(), kind: kind), selection: .copy, weightFiles: [],
        attachments: []))
    _ = try ConversionRun(inputs, output: folder.path("pair.griffin"), force: true, threads: 1).run()
    return try ModelBundle.open(path: folder.path("pair.griffin"))
  }

  @Test func draftsWithoutAnEmbeddingUseTheTargets() throws {
    let folder = try TemporaryFolder()
    let bundle = try EagleBundleTests.bundle(.target(), .eagleDraft(hasEmbedding: false), kind: "hass", in: folder)
    #expect(bundle.manifest.draft?.embedding == .absent && bundle.manifest.draft?.kind == "hass")
    let request = VerificationRequest(settings: DecodeSettings(totalTokens: 12, depth: 2, topK: 3, maxNewTokens: 10))
    let report = try Verifier(bundle, threads: 1).run(request)
    #expect(report.isOK && report.cases.count == 4)
    #expect(report.cases.allSatisfy { $0.speculativeIDs == $0.vanillaIDs && !$0.cycles.isEmpty })
  }

  /// Experts, norms of heads, windows and scaled rotations come back from a manifest as they went in.
  @Test(arguments: TinyModel.Options.families + ["dynamic"]) func familiesComeBackFromBundles(family: String) throws {
    let (folder, tiny) = (try TemporaryFolder(), try TinyModel.target(.family(family)))
    let bundle = try EagleBundleTests.bundle(tiny, .draft(), in: folder)
    let (before, after) = (
      try TargetModel.recognise(tiny.source, config: tiny.document()), try #require(try bundle.targetModel())
    )
    #expect(after.configuration == before.configuration && after.family.name == before.family.name)
    #expect(after.tensors.bindings.map(\.role) == before.tensors.bindings.map(\.role))
    let texts = try [before, after].map { model in
      let decoder = try PairDecoder(target: model, draft: nil, compute: Compute(threads: 1))
      try decoder.prepare(prompt: [9, 8, 7, 6, 5, 4, 3, 2, 1])
      return try decoder.decodePlainly(DecodeSettings(maxNewTokens: 12)).ids
    }
    #expect(texts[0] == texts[1])
    let request = VerificationRequest(settings: DecodeSettings(totalTokens: 12, depth: 2, topK: 3, maxNewTokens: 10))
    #expect(try Verifier(bundle, threads: 1).run(request).isOK)
  }
}
