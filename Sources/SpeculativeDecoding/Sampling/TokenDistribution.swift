#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The probabilities of the next token, `[vocab_size]`, in double precision.
public struct TokenDistribution: Sendable {
  public private(set) var probabilities: [Double]

  /// What sampling draws from: `softmax(logits / temperature)`, cut by top-k and then by top-p, each time renormalised.
  ///
  /// Of equally likely tokens those with lower ids are kept.
  public init(logits: Span<Float>, _ settings: SamplingSettings) {
    var largest = -Float.infinity
    for index in logits.indices { largest = max(largest, logits[index]) }
    var probabilities = [Double](repeating: 0, count: logits.count)
    for index in logits.indices { probabilities[index] = exp((Double(logits[index]) - Double(largest)) / settings.temperature) }
    self.probabilities = probabilities
    renormalise()
    let cutsK = settings.topK > 0 && settings.topK < probabilities.count
    guard cutsK || settings.topP < 1 else { return }
    let ranked = self.probabilities.indices.sorted { (self.probabilities[$0], $1) > (self.probabilities[$1], $0) }
    if cutsK {
      for token in ranked[settings.topK...] { self.probabilities[token] = 0 }
      renormalise()
    }
    if settings.topP < 1 {
      var sum = 0.0
      for token in ranked {
        if sum >= settings.topP { self.probabilities[token] = 0 }
        sum += self.probabilities[token]
      }
      renormalise()
    }
  }

  public init(logits: [Float], _ settings: SamplingSettings) { self.init(logits: logits.span, settings) }

  public subscript(_ token: Int) -> Double { probabilities[token] }

  /// Draws a token.
  public func draw(using generator: inout SplitMix64) -> Int {
    var left = generator.uniform()
    var last = 0
    for (token, probability) in probabilities.enumerated() where probability > 0 {
      if left < probability { return token }
      left -= probability
      last = token
    }
    // Rounding left a little over.
    return last
  }

  /// Takes a token out and renormalises what is left.
  /// - Returns: Whether anything is left; if not, the distribution is as it was.
  mutating func remove(_ token: Int) -> Bool {
    let probability = probabilities[token]
    probabilities[token] = 0
    guard probabilities.contains(where: { $0 > 0 }) else {
      probabilities[token] = probability
      return false
    }
    renormalise()
    return true
  }

  private mutating func renormalise() {
    let sum = probabilities.reduce(0, +)
    for token in probabilities.indices { probabilities[token] /= sum }
  }
}
