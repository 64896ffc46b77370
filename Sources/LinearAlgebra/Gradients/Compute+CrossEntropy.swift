#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import CKernels

/// What a prediction is held against, and how much each part counts.
public struct CrossEntropy: Sendable, Hashable {
  /// The weight of the cross-entropy over the whole vocabulary.
  public var weight: Float
  /// The weight of its part over the target's best tokens.
  public var topWeight: Float
  /// How many of the target's best tokens that part counts.
  public var topCount: Int

  public init(weight: Float, topWeight: Float = 0, topCount: Int = 10) {
    (self.weight, self.topWeight, self.topCount) = (weight, topWeight, topCount)
  }

  /// What one row gave.
  public struct Row: Sendable, Hashable {
    /// `-sum(p log q)` over the vocabulary, and over the target's best tokens alone.
    public var loss = 0.0
    public var topLoss = 0.0
    /// How many tokens the prediction ranks before the label; the vocabulary's size without a label.
    public var labelRank = Int.max
  }
}

extension Compute {
  /// The cross-entropy of predictions under a target's distributions, and its gradient.
  ///
  /// - Parameters:
  ///   - target: The target's logits, `[rows, vocabulary]`; replaced by its probabilities.
  ///   - prediction: Logits, `[rows, vocabulary]`; replaced by the gradient of the weighted sum of both parts, times `scale`.
  ///   - labels: For each row the text's own token, whose rank is wanted; negative where it is not in the vocabulary.
  public func crossEntropy(
    target: inout Activations, prediction: inout Activations, labels: [Int], terms: CrossEntropy, scale: Float
  ) -> [CrossEntropy.Row] {
    let (rows, columns) = (prediction.tokens, prediction.columns)
    precondition(target.tokens == rows && target.columns == columns && labels.count == rows, "matrix shapes do not fit")
    var results = [CrossEntropy.Row](repeating: CrossEntropy.Row(), count: rows)
    // Sound: a row of either matrix, and its result, is touched by one thread.
    nonisolated(unsafe) let (p, z) = unsafe (target.base, prediction.base)
    let (pStride, zStride) = (target.stride, prediction.stride)
    unsafe results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = unsafe results
      pool.forEach(rows) { row in
        unsafe results[row] = crossEntropyRow(p + row * pStride, z + row * zStride, columns, label: labels[row], terms, scale)
      }
    }
    return results
  }

  private func crossEntropyRow(
    _ p: UnsafeMutablePointer<Float>, _ z: UnsafeMutablePointer<Float>, _ count: Int, label: Int, _ terms: CrossEntropy, _ scale: Float
  ) -> CrossEntropy.Row {
    var row = CrossEntropy.Row()
    let targetLogits = unsafe Span(_unsafeStart: UnsafePointer(p), count: count)
    let best = terms.topWeight == 0 ? [] : topK(targetLogits, terms.topCount)
    let total = unsafe kernels.softmax(p, count, 1)
    for index in 0..<count { unsafe p[index] /= total }

    var (largest, dot) = (-Float.infinity, 0.0)
    for index in 0..<count { largest = unsafe max(largest, z[index]) }
    for index in 0..<count { unsafe dot += Double(p[index]) * Double(z[index] - largest) }
    let bestLogits = best.map { unsafe Double(z[$0] - largest) }
    if label >= 0 {
      let own = unsafe z[label]
      row.labelRank = 0
      for index in 0..<count where unsafe z[index] > own || (z[index] == own && index < label) { row.labelRank += 1 }
    }
    let sum = unsafe kernels.softmax(z, count, 1)
    let logarithm = log(Double(sum))
    row.loss = logarithm - dot
    var bestMass: Float = 0
    for (index, logit) in zip(best, bestLogits) {
      bestMass += unsafe p[index]
      unsafe row.topLoss += Double(p[index]) * (logarithm - logit)
    }
    let (own, its) = (scale * (terms.weight + terms.topWeight * bestMass) / sum, scale * terms.weight)
    for index in 0..<count { unsafe z[index] = own * z[index] - its * p[index] }
    for index in best { unsafe z[index] -= scale * terms.topWeight * p[index] }
    return row
  }
}
