import LinearAlgebra
import Models
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing
import Verification

/// How long a verification takes, reckoned from short passes. Seconds themselves are no test's business.
struct ForecastTests {
  private static let settings = DecodeSettings(totalTokens: 12, depth: 2, topK: 3, maxNewTokens: 10)

  @Test func shortPassesTellWhatEverythingCosts() throws {
    let pair = try TinyPair()
    let decoder = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 1))
    let seconds = try decoder.passSeconds(prompt: [1, 5, 9, 3, 7, 2], settings: ForecastTests.settings)
    for value in [seconds.promptToken, seconds.plainToken, seconds.textToken, seconds.headToken, seconds.draftToken, seconds.drafting, seconds.cycle] {
      #expect(value > 0 && value.isFinite)
    }
    // A cycle is all of its parts, and adds at least the target's own token.
    #expect(seconds.cycle > seconds.drafting && seconds.textToken > seconds.headToken)
    #expect((1.0...4.0).contains(seconds.tokensPerCycle))
    // What is known of the draft is not measured again.
    let other = try decoder.passSeconds(prompt: [1, 5], settings: ForecastTests.settings, known: seconds)
    #expect(other.drafting == seconds.drafting && other.draftToken == seconds.draftToken && other.tokensPerCycle == seconds.tokensPerCycle)

    let alone = try PairDecoder(target: pair.target, draft: nil, compute: Compute(threads: 1))
    let plain = try alone.passSeconds(prompt: [1], settings: ForecastTests.settings)
    #expect(plain.plainToken > 0 && plain.cycle == 0 && plain.draftToken == 0)
  }

  /// A decoder that was probed decodes what it decodes without.
  @Test func probingLeavesNothingBehind() throws {
    let pair = try TinyPair()
    let probed = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 1))
    let fresh = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 1))
    _ = try probed.passSeconds(prompt: [4, 4, 4], settings: ForecastTests.settings)
    for decoder in [probed, fresh] { try decoder.prepare(prompt: [1, 2, 3]) }
    #expect(probed.promptLogits == fresh.promptLogits)
    let (mine, theirs) = (try probed.decodeSpeculatively(ForecastTests.settings), try fresh.decodeSpeculatively(ForecastTests.settings))
    #expect(mine.ids == theirs.ids && mine.cycles.map(\.tree) == theirs.cycles.map(\.tree))
    #expect(try probed.decodePlainly(ForecastTests.settings).ids == fresh.decodePlainly(ForecastTests.settings).ids)
  }

  /// Seconds of made-up passes, so that what is added up shows.
  @Test func lookingForACauseIsForecastByWhatItDecodes() throws {
    let pair = try TinyPair()
    let models = PairModels(target: pair.target, draft: pair.draft)
    var passes = PassSeconds()
    (passes.plainToken, passes.promptToken, passes.textToken, passes.draftToken, passes.headToken) = (8, 4, 2, 1, 1)
    (passes.cycle, passes.tokensPerCycle) = (40, 1)
    func seconds(_ source: PairModels? = nil, text: Int = 100, formats: Int = 0, prompts: Int = 0) -> Double {
      DiagnosisForecast(packed: models, source: source, passes: passes, settings: ForecastTests.settings)
        .seconds(textTokens: text, formats: formats, prompts: prompts, promptTokens: 5)
    }
    // Both texts are the same hundred tokens here, and go through the target once each; every alternative goes through the draft.
    let alone = seconds()
    #expect(alone > 2 * 100 * 4 && abs(seconds(text: 50) - alone / 2) < 0.1)
    // The longer text counts to 1,024 tokens and the shorter to 256: tokens beyond are not decoded.
    #expect(seconds(text: 1024) == seconds(text: 5000) && seconds(text: 1024) < 10.24 * alone)
    // A format is an answer of ten tokens, and a text of prompt and answer.
    #expect(abs(seconds(formats: 3) - alone - 4 * (10 * 8 + 15 * (4 + 2 + 2))) < 0.01)
    // A source that is stored alike is looked at as a whole: each half of it once.
    #expect(abs(seconds(models) - alone - 100 * (4 + 2)) < 0.01)
    // A cause is decoded without over four prompts at most: with depth 2, acceptance that is low no more is 2.05 tokens a cycle.
    #expect(abs(seconds(models, prompts: 9) - seconds(models) - 4 * (5 * (4 + 1) + 10 * 40 / 2.05)) < 0.01)
    #expect(seconds(prompts: 9) == alone)
    let other = TinyModel.Options(seed: 1, type: .f16)
    let halves = try TinyPair(other)
    #expect(seconds(PairModels(target: halves.target, draft: halves.draft)) > seconds(models) + 100 * 6)
  }

  @Test func whatIsLeftGoesByForecastUntilThereIsAPace() {
    let workload = Workload(planned: [.plain: 100, .comparison: 1000], costs: [.plain: 2, .comparison: 0.5])
    #expect(workload.plannedTokens == 1100 && workload.doneTokens == 0 && workload.secondsLeft == 700)
    workload.add(.plain, 10)
    #expect(workload.doneTokens == 10 && workload.secondsLeft == 680)
    // From here on the pace that was seen counts: next to no time for a token.
    workload.add(.plain, 40)
    #expect((500.0..<600).contains(workload.secondsLeft ?? 0))
    // More than was planned is no more than all.
    workload.add(.comparison, 5000)
    #expect(workload.doneTokens == 1050 && (0..<100).contains(workload.secondsLeft ?? -1))
    // What nobody planned counts for nothing.
    workload.add(.misalignment, 7)
    #expect(workload.doneTokens == 1050)
    #expect(Workload(planned: [.plain: 1], costs: nil).secondsLeft == nil)
  }
}
