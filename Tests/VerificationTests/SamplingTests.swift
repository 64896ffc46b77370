import ByteStorage
import LinearAlgebra
import SpeculativeDecoding
import Statistics
import TestSupport
import Testing
import Verification

/// The acceptance rule, and the test that tells it from wrong ones.
struct SamplingTests {
  private static let settings = SamplingSettings(temperature: 0.7, seed: 11)

  /// Three trees over a small vocabulary, and what a target says at their nodes: every path is taken often.
  private static func trees() -> [(tree: DraftTree, logits: [[Float]])] {
    [[3, 7, 11], [0, 1, 2], [15, 4, 9]].enumerated().map { index, tokens in
      var numbers = SeededNumbers(seed: UInt64(index))
      let tree = DraftTree(
        tokens: [5] + tokens + [2, 8, 13, 6], parents: [-1, 0, 0, 0, 1, 1, 2, 4], scores: [0, -1, -2, -3, -2, -3, -3, -4])
      let logits = (0..<tree.nodeCount).map { node in
        let proposed = tree.children(of: node).map { tree.tokens[$0] }
        return (0..<16).map { token in Float.random(in: -1...1, using: &numbers) + (proposed.contains(token) ? 1.5 : 0) }
      }
      return (tree, logits)
    }
  }

  private static func result(_ rule: TreeAcceptance, settings: SamplingSettings = settings, draws: Int = 20_000) throws -> SamplingResult {
    var test = SamplingTest(settings, rule: rule)
    for (tree, logits) in trees() { try test.draw(tree, logits: logits, count: draws, cancellation: Cancellation()) }
    return test.result()
  }

  @Test func theRightRulePasses() throws {
    for settings in [
      SamplingTests.settings, SamplingSettings(temperature: 1, topK: 20, seed: 5), SamplingSettings(temperature: 1.3, topP: 0.8, seed: 7),
    ] {
      let result = try SamplingTests.result(.exact, settings: settings)
      #expect(result.isOK && (result.pValue ?? 0) > 1e-3, "\(result)")
      #expect(result.draws == 60_000 && result.tokens >= result.draws)
    }
  }

  /// The released implementation's slip: the token after a wholly accepted path comes from the untempered distribution.
  @Test func anUntemperedBonusTokenIsFound() throws {
    let logits = SamplingTests.trees().map(\.logits)
    // Which tree a walk is in is told by its first distribution.
    let plain = SamplingSettings(temperature: 1)
    let untempered = logits.flatMap { $0 }.map { ($0, TokenDistribution(logits: $0, SamplingTests.settings), TokenDistribution(logits: $0, plain)) }
    let rule = TreeAcceptance { tree, distribution, generator in
      let (accepted, next) = TreeAcceptance.exact.rule(tree, distribution, &generator)
      let leaf = accepted[accepted.count - 1]
      guard tree.children(of: leaf).isEmpty else { return (accepted, next) }
      let tempered = distribution(leaf)
      let wrong = untempered.first { $0.1.probabilities == tempered.probabilities }
      return (accepted, wrong?.2.draw(using: &generator) ?? next)
    }
    #expect(try !SamplingTests.result(rule).isOK)
  }

  @Test func refusalsWithoutRenormalisingAreFound() throws {
    let rule = TreeAcceptance { tree, distribution, generator in
      var accepted = [0]
      while true {
        let node = accepted[accepted.count - 1]
        let p = distribution(node)
        guard let child = tree.children(of: node).first(where: { generator.uniform() < p[tree.tokens[$0]] }) else {
          // Draws again until a token comes that was not refused.
          let refused = Set(tree.children(of: node).map { tree.tokens[$0] })
          var token = p.draw(using: &generator)
          while refused.contains(token)  { token = p.draw(using: &generator) }
          return (accepted, token)
        }
        accepted.append(child)
      }
    }
    #expect(try !SamplingTests.result(rule).isOK)
  }

  @Test func aChildTestedAgainstTheWrongParentIsFound() throws {
    let rule = TreeAcceptance { tree, distribution, generator in
      TreeAcceptance.exact.rule(tree, { distribution(max(0, tree.parents[$0])) }, &generator)
    }
    #expect(try !SamplingTests.result(rule).isOK)
  }

  @Test func aTokenOfNoProbabilityIsFound() throws {
    let settings = SamplingSettings(temperature: 1, topK: 5, seed: 3)
    let rule = TreeAcceptance { tree, distribution, generator in
      let (accepted, next) = TreeAcceptance.exact.rule(tree, distribution, &generator)
      return (accepted, generator.uniform() < 0.001 ? 14 : next)
    }
    #expect(try !SamplingTests.result(rule, settings: settings).isOK)
  }

  @Test func distributionsAreWarpedInOrder() {
    let logits: [Float] = [2, 1, 0, -1, 1]
    let cold = TokenDistribution(logits: logits, SamplingSettings(temperature: 0.5))
    let weights = [4.0, 2, 0, -2, 2].map { SamplingTests.exponential($0) }
    for (mine, weight) in zip(cold.probabilities, weights) { #expect(abs(mine - weight / weights.reduce(0, +)) < 1e-12) }
    // Of the two equal tokens the lower id stays.
    #expect(TokenDistribution(logits: logits, SamplingSettings(temperature: 1, topK: 2)).probabilities.map { $0 > 0 } == [true, true, false, false, false])
    let nucleus = TokenDistribution(logits: logits, SamplingSettings(temperature: 1, topP: 0.75))
    #expect(nucleus.probabilities.map { $0 > 0 } == [true, true, false, false, true])
    #expect(abs(nucleus.probabilities.reduce(0, +) - 1) < 1e-12)
    #expect(TokenDistribution(logits: logits, SamplingSettings(temperature: 1, topP: 1e-9)).probabilities == [1, 0, 0, 0, 0])
  }

  private static func exponential(_ x: Double) -> Double {
    // Series, so that the test stands on its own.
    var (term, sum) = (1.0, 1.0)
    for n in 1..<60 {
      term *= x / Double(n)
      sum += term
    }
    return sum
  }

  /// Both ways of decoding draw from one distribution, so their first tokens come equally often.
  @Test func generationsFollowTheDistribution() throws {
    let pair = try TinyPair()
    let decoder = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 1))
    try decoder.prepare(prompt: [1, 2, 3])
    var settings = DecodeSettings(totalTokens: 10, depth: 2, topK: 3, maxNewTokens: 3)
    settings.sampling = SamplingSettings(temperature: 1, topK: 2)
    let distribution = TokenDistribution(logits: decoder.promptLogits, SamplingSettings(temperature: 1, topK: 2))
    let best = try #require(distribution.probabilities.indices.max { distribution[$0] < distribution[$1] })
    var counts = (plain: 0.0, speculative: 0.0)
    for seed in 0..<400 {
      settings.sampling?.seed = UInt64(seed)
      let (plain, speculative) = (try decoder.decodePlainly(settings).ids, try decoder.decodeSpeculatively(settings).ids)
      #expect(plain.count == 3 && speculative.count == 3)
      counts.plain += plain[0] == best ? 1 : 0
      counts.speculative += speculative[0] == best ? 1 : 0
      // The same seed gives the same text.
      if seed < 5 { #expect(try decoder.decodeSpeculatively(settings).ids == speculative) }
    }
    let deviation = (400 * distribution[best] * (1 - distribution[best])).squareRoot()
    #expect(abs(counts.plain - 400 * distribution[best]) < 4 * deviation + 1)
    #expect(abs(counts.speculative - 400 * distribution[best]) < 4 * deviation + 1)
  }

  @Test func settingsThatMeanNothingAreUsage() {
    for settings in [
      SamplingSettings(temperature: -1), SamplingSettings(temperature: 0), SamplingSettings(temperature: 1, topK: -1),
      SamplingSettings(temperature: 1, topP: 0), SamplingSettings(temperature: 1, topP: 1.5),
    ] {
      let error = #expect(throws: GriffinError.self) { try settings.validate() }
      #expect(error?.kind == .usage)
    }
  }

  /// Values of scipy.stats.chi2.sf.
  @Test func tailsOfChiSquare() {
    for (statistic, degrees, expected) in [
      (1.0, 1, 0.31731050786291115), (10.0, 4, 0.04042768199451279), (100.0, 90, 0.22104023262544467), (3.0, 10, 0.9814240637778593),
      (250.0, 200, 0.009379131668826098), (0.0, 3, 1.0), (60.0, 2, 9.357622968840163e-14), (30.0, 7, 9.495972508134177e-05),
    ] {
      let tail = SpecialFunctions.chiSquareTail(statistic, degrees: degrees)
      #expect(abs(tail - expected) < 1e-10 * expected, "\(statistic) \(degrees): \(tail)")
    }
  }
}
