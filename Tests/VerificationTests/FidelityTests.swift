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

/// A bundle held against what it was made of.
struct FidelityTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let settings = DecodeSettings(totalTokens: 12, depth: 2, topK: 3, maxNewTokens: 16)

  private func bundle(_ pair: TinyPair, target: String, draft: String, named name: String = "pair.griffin") throws -> ModelBundle {
    let inputs = try ConversionInputs(
      target: ConversionComponent(pair.target, selection: TypeSelection(.named(target)), weightFiles: [], attachments: []),
      draft: ConversionComponent(pair.draft, selection: TypeSelection(.named(draft)), weightFiles: [], attachments: []))
    _ = try ConversionRun(inputs, output: folder.path(name), force: true, threads: 1).run()
    return try ModelBundle.open(path: folder.path(name))
  }

  private func report(
    _ bundle: ModelBundle, against pair: TinyPair, draft: Bool = true, _ change: (inout VerificationRequest) -> Void = { _ in }
  ) throws -> VerificationReport {
    var request = VerificationRequest(settings: FidelityTests.settings)
    request.against = try ModelSource.Pair(target: pair.target, draft: draft ? pair.draft : nil)
    change(&request)
    return try Verifier(bundle, threads: 2).run(request)
  }

  @Test func copiesAreEqualToTheBit() throws {
    let pair = try TinyPair()
    let report = try report(bundle(pair, target: "copy", draft: "copy"), against: pair)
    let fidelity = try #require(report.fidelity)
    #expect(report.isOK && report.warnings.isEmpty)
    #expect(fidelity.klMean == 0 && fidelity.klP99 == 0 && fidelity.klMaximum == 0 && fidelity.top1Agreement == 1)
    #expect(fidelity.perplexity == fidelity.perplexitySource && fidelity.drawsTheSameTrees == true)
    #expect(fidelity.acceptanceLength == fidelity.acceptanceLengthSource)
    #expect(fidelity.misalignedTokenRateSource == report.misalignment?.rates && fidelity.misalignedTokenRateSource.count == 5)
    #expect(fidelity.positions == report.cases.reduce(0) { $0 + $1.promptIDs.count + $1.vanillaIDs.count })
    let document = report.document
    #expect(document["fidelity"]?["kl_mean"] == 0.0 && document["summary"]?["misaligned_token_rate"]?.array?.count == 5)
  }

  @Test func roundingShowsAndIsTolerated() throws {
    let pair = try TinyPair()
    // Random weights have near ties everywhere.
    let report = try report(bundle(pair, target: "q8_0", draft: "copy"), against: pair) {
      $0.tolerances = ["top1_agreement=0.9", "acceptance_length=0.8"]
    }
    let fidelity = try #require(report.fidelity)
    #expect(report.isOK, "\(report.checks)")
    #expect(fidelity.klMean > 0 && fidelity.klMean < 0.005 && fidelity.klP99 >= fidelity.klMean && fidelity.klMaximum >= fidelity.klP99)
    #expect(report.checks.last?.detail.contains("tolerances for f16, q8_0") == true)
    // The user's word counts over the defaults.
    let strict = try self.report(bundle(pair, target: "q8_0", draft: "copy"), against: pair) { $0.tolerances = ["kl_mean=1e-12"] }
    #expect(!strict.isOK && strict.checks.last?.detail.hasPrefix("kl_mean is ") == true)
  }

  /// Another model of the same shape is far away.
  @Test func otherWeightsFail() throws {
    let report = try report(bundle(TinyPair(), target: "copy", draft: "copy"), against: TinyPair(.init(seed: 2)))
    #expect(!report.isOK && (report.fidelity?.klMean ?? 0) > 0.1)
  }

  @Test func aDraftThatIsNotGivenIsThePackedOne() throws {
    let pair = try TinyPair()
    let report = try report(bundle(pair, target: "copy", draft: "copy"), against: pair, draft: false)
    #expect(report.isOK && report.warnings.count == 1 && report.warnings[0].contains("--against-draft"))
    #expect(report.fidelity?.acceptanceLength == report.fidelity?.acceptanceLengthSource)
  }

  @Test func anotherVocabularyCannotBeCompared() throws {
    let error = #expect(throws: GriffinError.self) {
      try report(bundle(TinyPair(), target: "copy", draft: "copy"), against: TinyPair(.init { $0.vocabulary = 99 }))
    }
    #expect(error?.kind == .inconsistent && error?.message.contains("vocab_size is 203") == true)
  }

  @Test func lowAcceptanceFailsOnlyAgainstAStatedMinimum() throws {
    // A draft of another seed proposes nonsense.
    let bundle = try bundle(TinyPair(target: .target(), draft: .draft(.init(seed: 9))), target: "copy", draft: "copy")
    let open = try Verifier(bundle, threads: 1).run(VerificationRequest(settings: FidelityTests.settings))
    let length = try #require(open.summary.acceptanceLength)
    #expect(open.isOK && length < 1.5 && open.warnings.contains { $0.contains("acceptance length is only") })
    var request = VerificationRequest(settings: FidelityTests.settings)
    request.minimumAcceptance = length + 0.1
    let strict = try Verifier(bundle, threads: 1).run(request)
    #expect(!strict.isOK && strict.checks.last?.name == "acceptance length" && !strict.warnings.contains { $0.contains("only") })
    request.minimumAcceptance = length - 0.1
    #expect(try Verifier(bundle, threads: 1).run(request).isOK)
  }

  @Test func samplingIsReported() throws {
    let bundle = try bundle(TinyPair(), target: "copy", draft: "copy")
    var request = VerificationRequest(settings: FidelityTests.settings)
    request.sampling = (SamplingSettings(temperature: 1, seed: 4), 2001)
    let report = try Verifier(bundle, threads: 1).run(request)
    #expect(report.isOK && report.sampling?.draws == 2001 && report.sampling?.pValue != nil)
    #expect(report.document["sampling"]?["draws"] == 2001)
    // At least the token that ends each cycle, at most the tree's depth and two more.
    let length = try #require(report.sampling?.acceptanceLength)
    #expect(length >= 1 && length <= Double(report.settings.depth + 2) && report.document["sampling"]?["acceptance_length"]?.double == length)
  }

  @Test func tolerancesAreNamed() throws {
    var tolerances = FidelityTolerances(converted: [.q8_0, .q6_k])
    #expect(tolerances == FidelityTolerances(converted: [.q6_k]) && tolerances != FidelityTolerances(converted: [.q8_0]))
    #expect(FidelityTolerances(converted: []) == .exact)
    for name in FidelityTolerances.names { try tolerances.set(parsing: "\(name)=0.25") }
    #expect(tolerances.klMean == 0.25 && tolerances.misalignedTokenRate == 0.25 && tolerances.acceptanceLength == 0.25)
    for text in ["kl", "kl_mean", "kl_mean=x", "kl_mean=-1", "other=1"] {
      let error = #expect(throws: GriffinError.self) { try tolerances.set(parsing: text) }
      #expect(error?.kind == .usage)
    }
  }
}
