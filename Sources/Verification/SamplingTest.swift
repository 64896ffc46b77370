package import ByteStorage
package import SpeculativeDecoding
internal import Statistics

/// Draws from drafted trees and counts what comes out.
///
/// For each prompt one tree is drafted and scored once; then the acceptance rule walks it again and again. After every node
/// that a walk visits comes one token, an accepted child or the one that ends the walk, and given the node it must be
/// distributed as the target's own next token there.
package struct SamplingTest {
  /// What came after the visits of one node.
  private struct Node {
    let distribution: TokenDistribution
    var counts: [Int: Int] = [:]
    var visits: Int { counts.values.reduce(0, +) }
  }

  private let settings: SamplingSettings
  private let rule: TreeAcceptance
  private var generator: SplitMix64
  private var nodes: [Node] = []
  private var draws = 0
  private var vocabulary = 0

  package init(_ settings: SamplingSettings, rule: TreeAcceptance = .exact) {
    (self.settings, self.rule) = (settings, rule)
    generator = SplitMix64(seed: settings.seed)
  }

  /// Walks a tree.
  /// - Parameters:
  ///   - logits: The target's, a row a node.
  ///   - count: Walks.
  package mutating func draw(_ tree: DraftTree, logits: [[Float]], count: Int, cancellation: Cancellation) throws {
    let distributions = logits.map { TokenDistribution(logits: $0, settings) }
    let first = nodes.count
    nodes += distributions.map { Node(distribution: $0) }
    vocabulary = max(vocabulary, logits.first?.count ?? 0)
    for draw in 0..<count {
      if draw % 1024 == 0 { try cancellation.check() }
      let (accepted, next) = rule.rule(tree, { distributions[$0] }, &generator)
      for (node, token) in zip(accepted, accepted.dropFirst().map { tree.tokens[$0] } + [next]) {
        nodes[first + node].counts[token, default: 0] += 1
      }
    }
    draws += count
  }

  package func result() -> SamplingResult {
    let visited = nodes.filter { $0.visits > 0 }
    let tokens = visited.reduce(0) { $0 + $1.visits }
    var (statistic, degrees) = (0.0, 0)
    var (variation, expected) = (0.0, 0.0)
    for node in visited {
      let share = Double(node.visits) / Double(max(tokens, 1))
      let (distance, typical) = SamplingTest.variation(node.distribution, node.counts, node.visits)
      variation += share * distance
      expected += share * typical
      let (square, freedom) = SamplingTest.chiSquare(node.distribution, node.counts, node.visits)
      statistic += square
      degrees += freedom
    }
    // One draw more or less moves the weighted mean by 1 / tokens at most (McDiarmid's inequality).
    let slack = (SpecialFunctions.logarithm(1 / SamplingResult.significance) / (2 * Double(max(tokens, 1)))).squareRoot()
    let isSmall = vocabulary <= SamplingResult.smallVocabulary && degrees > 0
    return SamplingResult(
      draws: draws, tokens: tokens, pValue: isSmall ? SpecialFunctions.chiSquareTail(statistic, degrees: degrees) : nil,
      totalVariation: variation, totalVariationBound: expected + slack)
  }

  /// Total variation of counts from a distribution, and a bound of what it is on average where they are its draws.
  private static func variation(
    _ distribution: TokenDistribution, _ counts: [Int: Int], _ visits: Int
  ) -> (distance: Double, typical: Double) {
    let total = Double(visits)
    var (distance, typical) = (0.0, 0.0)
    for (token, probability) in distribution.probabilities.enumerated() {
      distance += abs(Double(counts[token] ?? 0) / total - probability)
      typical += (probability * (1 - probability) / total).squareRoot()
    }
    return (distance / 2, typical / 2)
  }

  /// Pearson's statistic over the tokens that are expected five times or more, the others pooled.
  private static func chiSquare(
    _ distribution: TokenDistribution, _ counts: [Int: Int], _ visits: Int
  ) -> (statistic: Double, degrees: Int) {
    var (statistic, categories) = (0.0, 0)
    var (pooledCount, pooledExpected) = (0.0, 0.0)
    for (token, probability) in distribution.probabilities.enumerated() {
      let (count, expected) = (Double(counts[token] ?? 0), probability * Double(visits))
      if expected >= 5 {
        statistic += (count - expected) * (count - expected) / expected
        categories += 1
      } else {
        pooledCount += count
        pooledExpected += expected
      }
    }
    if pooledExpected >= 5 {
      statistic += (pooledCount - pooledExpected) * (pooledCount - pooledExpected) / pooledExpected
      categories += 1
    } else if pooledCount > 0, pooledExpected < 1e-9 {
      // A token that the target never draws.
      return (.infinity, max(categories - 1, 1))
    }
    return (categories > 1 ? statistic : 0, max(categories - 1, 0))
  }
}
