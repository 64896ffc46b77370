public import Quantization
public import Tensors

/// What types are to be chosen for.
public struct AllocationRequest: Sendable {
  public enum Goal: Sendable, Hashable {
    /// The least loss in a bundle of at most so many bytes.
    case size(Int)
    /// The smallest bundle that keeps this part of the acceptance length.
    case acceptance(Double)
    /// The smallest bundle whose target's mean KL is at most this, in nats a token.
    case divergence(Double)
  }

  public var goal: Goal
  /// Types to choose from; how the source has a matrix is always one of them.
  public var types: [ElementType]
  /// How much columns count; nil where all count the same.
  public var importance: ImportanceMatrix?
  /// Whether blocks may be decoded and encoded again.
  public var allowsRequantizing: Bool
  /// The sample: texts as ids, of which none is longer than `windowTokens`.
  public var texts: [[Int]]

  public init(goal: Goal, types: [ElementType], importance: ImportanceMatrix? = nil, allowsRequantizing: Bool = false, texts: [[Int]]) {
    (self.goal, self.types, self.importance) = (goal, types, importance)
    (self.allowsRequantizing, self.texts) = (allowsRequantizing, texts)
  }

  /// Tokens of a text that are run together; bounds memory.
  public static let windowTokens = 256
  /// Tokens of the sample where nothing else is said.
  public static let usualTokens = 1024

  /// Texts cut into windows, until there are enough tokens: the first window of each text first, so that all kinds of text are in.
  public static func sample(_ texts: [[Int]], tokens: Int) -> [[Int]] {
    let windows = texts.map { text in
      stride(from: 0, to: text.count, by: windowTokens).map { Array(text[$0..<min($0 + windowTokens, text.count)]) }.filter { $0.count > 2 }
    }
    var (sample, left) = ([[Int]](), tokens)
    for round in 0..<(windows.map(\.count).max() ?? 0) {
      for text in windows where round < text.count && left > 2 {
        sample.append(Array(text[round].prefix(left)))
        left -= sample[sample.count - 1].count
      }
    }
    return sample
  }
}
