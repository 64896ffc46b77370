internal import ByteStorage
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding

/// Runs two targets over the same text, side by side, and compares their distributions position by position.
struct FidelityMeter {
  private let packed, other: TargetDecoder
  private let cancellation: Cancellation
  private let onTokens: (Int) -> Void
  private var divergences: [Double] = []
  private var agreements = 0
  /// Negative log-likelihoods of the text's own tokens, and how many there were.
  private var (packedLoss, otherLoss, predicted) = (0.0, 0.0, 0)

  /// Tokens that go through both targets together; bounds the memory of their logits.
  private static let chunk = 64

  init(packed: TargetDecoder, other: TargetDecoder, cancellation: Cancellation, onTokens: @escaping (Int) -> Void) {
    (self.packed, self.other, self.cancellation, self.onTokens) = (packed, other, cancellation, onTokens)
  }

  /// Compares the two at every position of a text.
  mutating func add(_ tokens: [Int]) throws {
    packed.truncate(to: 0)
    other.truncate(to: 0)
    var features = Activations(columns: packed.configuration.hiddenSize)
    var otherFeatures = Activations(columns: other.configuration.hiddenSize)
    var logits = Activations(columns: packed.configuration.vocabularySize)
    var otherLogits = Activations(columns: other.configuration.vocabularySize)
    for start in stride(from: 0, to: tokens.count, by: FidelityMeter.chunk) {
      try cancellation.check()
      let chunk = Array(tokens[start..<min(start + FidelityMeter.chunk, tokens.count)])
      try packed.decode(chunk, features: &features)
      try packed.logits(features, into: &logits)
      try other.decode(chunk, features: &otherFeatures)
      try other.logits(otherFeatures, into: &otherLogits)
      for row in chunk.indices {
        let next = start + row + 1 < tokens.count ? tokens[start + row + 1] : nil
        compare(logits.values(ofRow: row), otherLogits.values(ofRow: row), next: next)
      }
      onTokens(chunk.count)
    }
  }

  private mutating func compare(_ packed: [Float], _ other: [Float], next: Int?) {
    let (mine, theirs) = (LogSum(packed), LogSum(other))
    agreements += mine.best == theirs.best ? 1 : 0
    if let next {
      packedLoss += mine.logarithm - Double(packed[next])
      otherLoss += theirs.logarithm - Double(other[next])
      predicted += 1
    }
    guard packed != other else { return divergences.append(0) }
    var divergence = 0.0
    for token in packed.indices {
      let logProbability = Double(other[token]) - theirs.logarithm
      divergence += SpecialFunctions.exponential(logProbability) * (logProbability - (Double(packed[token]) - mine.logarithm))
    }
    divergences.append(max(0, divergence))
  }

  /// What was found so far.
  func fidelity() -> Fidelity {
    var fidelity = Fidelity()
    guard !divergences.isEmpty else { return fidelity }
    let ranked = divergences.sorted()
    fidelity.positions = ranked.count
    fidelity.klMean = ranked.reduce(0, +) / Double(ranked.count)
    fidelity.klP99 = ranked[min(ranked.count - 1, Int((Double(ranked.count) * 0.99).rounded(.up)) - 1)]
    fidelity.klMaximum = ranked[ranked.count - 1]
    fidelity.top1Agreement = Double(agreements) / Double(ranked.count)
    if predicted > 0 {
      fidelity.perplexity = SpecialFunctions.exponential(packedLoss / Double(predicted))
      fidelity.perplexitySource = SpecialFunctions.exponential(otherLoss / Double(predicted))
    }
    return fidelity
  }

  /// `log(sum(exp(logits)))`, and the first of the largest.
  private struct LogSum {
    var logarithm: Double
    var best = 0

    init(_ logits: [Float]) {
      for index in logits.indices where logits[index] > logits[best] { best = index }
      let largest = Double(logits[best])
      logarithm = largest + SpecialFunctions.logarithm(logits.reduce(0) { $0 + SpecialFunctions.exponential(Double($1) - largest) })
    }
  }
}
