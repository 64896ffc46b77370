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

struct VerifierTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func bundle(_ target: TinyModel?, _ draft: TinyModel?, named name: String = "pair.griffin") throws -> ModelBundle {
    let inputs = try ConversionInputs(
      target: target.map {
        try ConversionComponent(
          TargetModel.recognise($0.source, config: $0.document()), selection: .copy, weightFiles: [], attachments: [])
      },
      draft: draft.map {
        try ConversionComponent(
          DraftModel.recognise($0.source, config: $0.document()), selection: .copy, weightFiles: [], attachments: [])
      })
    _ = try ConversionRun(inputs, output: folder.path(name), force: true, threads: 1).run()
    return try ModelBundle.open(path: folder.path(name))
  }

  private static let settings = DecodeSettings(totalTokens: 12, depth: 2, topK: 3, maxNewTokens: 10)

  /// A trace of a tiny pair, recorded by the decoder itself.
  private static func trace(prompts: [[Int]]) throws -> DecodeTrace {
    let pair = try TinyPair()
    let runner = try CaseRunner(PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 1)))
    let results = try prompts.enumerated().map {
      try runner.run(name: "case \($0)", prompt: $1, settings: VerifierTests.settings)
    }
    return DecodeTrace(producer: "test", settings: VerifierTests.settings, results: results)
  }

  @Test func pairsVerifyWithTheBuiltinPrompts() throws {
    let bundle = try bundle(.target(), .draft())
    let progress = Locked<(bytes: Int, tokens: Int, total: Int)>((0, 0, 0))
    let verifier = Verifier(bundle, threads: 2) { step in
      progress.withLock { progress in
        switch step {
        case .integrity(let bytes, _): progress.bytes = bytes
        case .forecast: Issue.record("nothing long is asked for")
        case .decoding(let tokens, let total, _): (progress.tokens, progress.total) = (tokens, total)
        case .diagnosing: break
        }
      }
    }
    let report = try verifier.run(VerificationRequest(settings: VerifierTests.settings))
    // A tiny draft helps little, which is said and no failure.
    #expect(report.isOK && report.warnings.count == 1 && report.warnings[0].hasPrefix("the acceptance length is only "))
    #expect(report.digest == bundle.digest.hexadecimal)
    #expect(report.checks.map(\.name) == ["integrity", "structure", "speculative equals vanilla"])
    #expect(report.checks.last?.detail == "4 of 4 prompts")
    #expect(report.cases.map(\.name) == ["built-in 1", "built-in 2", "built-in 3", "built-in 4"])
    #expect(report.cases.allSatisfy { $0.vanillaIDs.count == 10 && $0.speculativeIDs == $0.vanillaIDs && !$0.cycles.isEmpty })
    let (bytes, tokens, total) = progress.withLock { $0 }
    // As many tokens plainly as with the draft, and their text once more.
    #expect(bytes > 0 && tokens == 120 && total == 120)
  }

  @Test func endAndBeginTokensOfTheModelCount() throws {
    var target = try TinyModel.target()
    let prompt = [1, 2, 3]
    let free = try VerifierTests.trace(prompts: [prompt]).cases[0].vanillaIDs
    target.config["eos_token_id"] = [.integer(free[4]), -1, 5000]
    target.config["bos_token_id"] = [-1, 7000, 6]
    let bundle = try bundle(target, .draft())
    var request = VerificationRequest(settings: VerifierTests.settings)
    var report = try Verifier(bundle, threads: 1).run(request)
    #expect(report.settings.stopTokens == [free[4]])
    #expect(report.warnings.prefix(1) == ["end-of-text ids [-1, 5000] lie outside the vocabulary of 203 and never end a text"])
    #expect(report.isOK && report.cases.allSatisfy { $0.promptIDs.first == 6 && $0.promptIDs.count == 9 })
    request.prompts = [VerificationRequest.Prompt(name: "mine", ids: prompt)]
    report = try Verifier(bundle, threads: 1).run(request)
    let first = try #require(free.firstIndex(of: free[4]))
    #expect(report.cases.map(\.vanillaIDs) == [Array(free[...first])])
    request.settings.stopTokens = [9999]
    #expect(try Verifier(bundle, threads: 1).run(request).cases[0].vanillaIDs == free)
  }

  @Test func targetsAloneDecodeButCompareWithNothing() throws {
    let bundle = try bundle(.target(), nil)
    let report = try Verifier(bundle, threads: 1).run(VerificationRequest(settings: VerifierTests.settings))
    #expect(report.isOK && report.cases.count == 4)
    #expect(report.checks.last?.detail == "4 prompts decode; there is no draft to compare with")
    var request = VerificationRequest()
    request.traces = [("t", try VerifierTests.trace(prompts: [[1]]))]
    #expect(
      throws: GriffinError(
        .usage, file: bundle.file.path, "the bundle holds a target alone; a trace needs its draft too")
    ) { try Verifier(bundle, threads: 1).run(request) }
  }

  @Test func draftsAloneAreCheckedAndNotDecoded() throws {
    let bundle = try bundle(nil, .draft())
    let report = try Verifier(bundle, threads: 1).run(VerificationRequest())
    #expect(report.isOK && report.cases.isEmpty)
    #expect(report.warnings == [
        "the bundle holds a draft alone: only integrity and structure were checked; --target names the target to decode it with"
      ])
    for change in [
      { $0.prompts = [VerificationRequest.Prompt(name: "", ids: [1])] },
      { $0.traces = [("t", try VerifierTests.trace(prompts: [[1]]))] },
    ] as [(inout VerificationRequest) throws -> Void] {
      var request = VerificationRequest()
      try change(&request)
      let error = #expect(throws: GriffinError.self) { try Verifier(bundle, threads: 1).run(request) }
      #expect(error?.kind == .usage)
      #expect(error?.message == "the bundle holds a draft alone; decoding needs its target")
    }
  }

  @Test func draftsAloneDecodeWithATargetFromElsewhere() throws {
    let draft = try bundle(nil, .draft(), named: "draft.griffin")
    _ = try bundle(.target(), nil, named: "target.griffin")
    var request = VerificationRequest()
    request.target = try ModelSource.target(path: folder.path("target.griffin"))
    request.traces = [("t", try VerifierTests.trace(prompts: [[1, 2, 3]]))]
    let report = try Verifier(draft, threads: 1).run(request)
    #expect(report.isOK && report.checks.map(\.name) == ["integrity", "integrity of the target", "structure", "trace t"])
    #expect(report.warnings.isEmpty)
    let pair = try bundle(.target(), .draft())
    let both = #expect(throws: GriffinError.self) { try Verifier(pair, threads: 1).run(request) }
    #expect(both?.kind == .usage)
    let none = #expect(throws: GriffinError.self) { try ModelSource.target(path: folder.path("draft.griffin")) }
    #expect(none?.kind == .inconsistent)
    request.target = ModelSource.Target(model: try TinyPair(.init { $0.vocabulary = 99 }).target, bundle: nil, warnings: [])
    let other = #expect(throws: GriffinError.self) { try Verifier(draft, threads: 1).run(request) }
    #expect(other?.message.contains("vocab_size is 203 where the target has 99") == true)
  }

  @Test func integrityAloneDecodesNothing() throws {
    var request = VerificationRequest()
    request.integrityOnly = true
    let report = try Verifier(bundle(.target(), .draft()), threads: 1).run(request)
    #expect(report.isOK && report.checks.map(\.name) == ["integrity"] && report.cases.isEmpty)
  }

  @Test func interruptionIsHeard() throws {
    let cancellation = Cancellation()
    let verifier = Verifier(try bundle(.target(), .draft()), threads: 1, cancellation: cancellation) { step in
      if case .decoding = step { cancellation.cancel() }
    }
    #expect(throws: GriffinError(.interrupted, "interrupted")) { try verifier.run(VerificationRequest()) }
  }

  @Test func ownTracesPassAfterARoundTrip() throws {
    let trace = try VerifierTests.trace(prompts: [[1, 2, 3], [9], (0..<30).map { $0 * 5 }])
    let text = trace.document.encoded()
    let value = try JSONValue.parse(text.rawBytes, limits: .trace)
    #expect(value == trace.document)
    var request = VerificationRequest()
    request.traces = [("mine", try DecodeTrace(value, file: nil))]
    let report = try Verifier(bundle(.target(), .draft()), threads: 2).run(request)
    #expect(report.isOK && report.cases.count == 3 && report.cases.allSatisfy { $0.differingTrees == 0 })
    #expect(report.checks.last?.name == "trace mine")
    #expect(report.checks.last?.detail.hasPrefix("3 of 3 cases, acceptance length ") == true)
    #expect(trace.cases[0].targetTop.count == 10 && trace.cases[0].draftTop.count == 3)
    #expect(trace.cases[0].minimumMargin != nil)
  }

  @Test func tracesThatSayOtherwiseFail() throws {
    let trace = try VerifierTests.trace(prompts: [[1, 2, 3]])
    let bundle = try bundle(.target(), .draft())
    let ids = trace.cases[0].vanillaIDs
    func mismatches(_ change: (inout DecodeTrace) -> Void) throws -> [String] {
      var changed = trace
      change(&changed)
      var request = VerificationRequest()
      request.traces = [("t", changed)]
      let report = try Verifier(bundle, threads: 1).run(request)
      #expect(!report.isOK && report.checks.last?.isOK == false)
      return report.cases[0].mismatches
    }
    #expect(
      try mismatches { $0.cases[0].vanillaIDs[3] = 200 } == [
        "vanilla ids part from the trace at position 3: \(ids[3]) where it has 200"
      ])
    #expect(
      try mismatches { $0.cases[0].speculativeIDs.removeLast() } == [
        "speculative ids part from the trace at position 9: \(ids[9]) where it has its end"
      ])
    #expect(try mismatches { $0.cases[0].cycles[0].treeTokens[2] += 1 }.count == 1)
    #expect(try mismatches { $0.cases[0].cycles.removeLast() }.count == 1)
    #expect(try mismatches { $0.acceptanceLength += 0.01 }.isEmpty)
  }

  @Test func tracesOfAnotherVocabularyAreWrongUsage() throws {
    var trace = try VerifierTests.trace(prompts: [[1]])
    trace.cases[0].promptIDs = [203]
    var request = VerificationRequest()
    request.traces = [("t", trace)]
    #expect(throws: GriffinError(.usage, file: "t", "prompt id 203 is outside the vocabulary of 203")) {
      try Verifier(bundle(.target(), .draft()), threads: 1).run(request)
    }
  }
}
