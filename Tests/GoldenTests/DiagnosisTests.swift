import Bundles
import ByteStorage
import Conversion
import Models
import Quantization
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing
import Verification

/// Causes found in trained pairs without a source to compare with, and in configurations.
struct DiagnosisTests {
  /// With the tokenizer, so that there is text to measure on.
  private static func bundle(_ pair: GoldenPair, _ draft: DraftModel, in folder: TemporaryFolder) throws -> ModelBundle {
    let files = pair.folder + "/target"
    let attachments = try FileSystem.names(inFolder: files).filter { $0.contains("token") }.map { name in
      try ConversionComponent.Attachment(name: name, file: InputFile(path: FileSystem.path(files, name)))
    }
    let inputs = try ConversionInputs(
      target: ConversionComponent(pair.target, selection: .copy, weightFiles: [], attachments: attachments),
      draft: ConversionComponent(draft, selection: .copy, weightFiles: [], attachments: []))
    _ = try ConversionRun(inputs, output: folder.path("pair.griffin"), threads: 2).run()
    return try ModelBundle.open(path: folder.path("pair.griffin"))
  }

  private static func request(_ pair: GoldenPair) throws -> VerificationRequest {
    var request = VerificationRequest(settings: DecodeSettings(totalTokens: 24, depth: 3, topK: 4, maxNewTokens: 32))
    request.prompts = try pair.trace("trace-small-tree.json").cases.prefix(6).map { .init(name: $0.name, ids: $0.promptIDs) }
    return request
  }

  /// The states of other layers, as a config says that counts from elsewhere.
  @Test(arguments: [true, false]) func tapLayersAreFound(hasSource: Bool) throws {
    let folder = try TemporaryFolder()
    let pair = try GoldenPair("llama3-eagle3")
    var configuration = pair.draft.configuration
    configuration.eagle3?.taps = .layerInputs([0, 3, 4])
    let draft = try DraftModel(
      kind: pair.draft.kind, configuration: configuration, table: TensorTable(pair.draft.tensors.source), prefix: "", file: nil)
    var request = try DiagnosisTests.request(pair)
    // By itself the pair accepts less than it should, and not so little that it shows.
    if !hasSource { request.minimumAcceptance = 100 }
    if hasSource { request.against = try ModelSource.Pair(target: pair.target, draft: pair.draft) }
    let report = try Verifier(DiagnosisTests.bundle(pair, draft, in: folder), threads: 2).run(request)
    let first = try #require(report.diagnosis.first)
    #expect(first.kind == "taps" && first.cause.contains("0, 3, 4"), "\(report.diagnosis)")
    // Neighbouring states are much alike: which ones are right the source knows.
    if hasSource { #expect(first.cause.contains("2, 4, 5"), "\(first)") }
    let (before, after) = (try #require(first.acceptanceLength), try #require(first.acceptanceLengthRepaired))
    #expect(after > before && first.evidence.contains("instead of"))
  }

  /// What GRIFFIN's fusion reads is told by experiment alone.
  @Test func swappedHalvesAreFoundWithoutASource() throws {
    let folder = try TemporaryFolder()
    let pair = try GoldenPair("llama2-tiny")
    let draft = try DefectTests.Defect.fusionHalvesSwapped.planted(in: pair.draft)
    var request = try DiagnosisTests.request(pair)
    request.minimumAcceptance = 100
    let report = try Verifier(DiagnosisTests.bundle(pair, draft, in: folder), threads: 2).run(request)
    #expect(report.diagnosis.first?.kind == "fc_halves_swapped", "\(report.diagnosis)")
  }

  /// A pair that accepts what it should has no diagnosis, even where more is asked for than it can give.
  @Test func aHealthyPairHasNoCause() throws {
    let folder = try TemporaryFolder()
    let pair = try GoldenPair("llama2-tiny")
    var request = try DiagnosisTests.request(pair)
    request.minimumAcceptance = 100
    let report = try Verifier(DiagnosisTests.bundle(pair, pair.draft, in: folder), threads: 2).run(request)
    #expect(!report.isOK && report.diagnosis.isEmpty, "\(report.diagnosis)")
  }
}
