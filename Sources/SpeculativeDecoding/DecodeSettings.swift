public import ByteStorage

/// How a draft tree is grown and when a generation ends.
public struct DecodeSettings: Sendable, Hashable {
  /// Nodes of a tree with its root, at most: rows of one target pass.
  public var totalTokens: Int
  /// Draft passes after the first; a tree is at most one deeper.
  public var depth: Int
  /// Beams of a draft pass, and children kept of each.
  public var topK: Int
  /// Tokens after which a generation is cut.
  public var maxNewTokens: Int
  /// Ids that end a generation; the first is kept.
  public var stopTokens: Set<Int>
  /// How tokens are drawn; nil decodes greedily.
  public var sampling: SamplingSettings?

  public init(totalTokens: Int = 60, depth: Int = 5, topK: Int = 10, maxNewTokens: Int = 32, stopTokens: Set<Int> = []) {
    self.totalTokens = totalTokens
    self.depth = depth
    self.topK = topK
    self.maxNewTokens = maxNewTokens
    self.stopTokens = stopTokens
  }

  /// What a tree's size can be.
  public static let totalTokensRange = 1...4096
  public static let depthRange = 0...64
  public static let topKRange = 1...1024

  /// - Throws: `usage` for values that no tree or draw can have.
  public func validate() throws(GriffinError) {
    try sampling?.validate()
    let limits = [
      ("total tokens", totalTokens, DecodeSettings.totalTokensRange), ("depth", depth, DecodeSettings.depthRange),
      ("top-k", topK, DecodeSettings.topKRange), ("new tokens", maxNewTokens, 1...1_000_000),
    ]
    for (name, value, range) in limits where !range.contains(value) {
      throw GriffinError(.usage, "\(name) is \(value); expected \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// The part of `ids` that a generation keeps: cut after the first stop token and at `maxNewTokens`.
  public func cut(_ ids: [Int]) -> [Int] {
    let kept = ids.prefix(maxNewTokens)
    guard let stop = kept.firstIndex(where: stopTokens.contains) else { return Array(kept) }
    return Array(kept[...stop])
  }

  /// Whether `ids` need no further token.
  public func isComplete(_ ids: [Int]) -> Bool {
    ids.count >= maxNewTokens || ids.contains(where: stopTokens.contains)
  }
}
