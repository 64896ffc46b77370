public import SpeculativeDecoding

/// A recorded run of greedy speculative decoding: what it was asked, what it drafted and what it kept.
///
/// `formats/trace.md` is normative.
public struct DecodeTrace: Sendable {
  /// One cycle as it was recorded.
  public struct Cycle: Sendable {
    /// Tokens of the tree, the root first, and the parent of each, -1 for the root.
    public var treeTokens: [Int]
    public var treeParents: [Int]
    /// Accepted nodes, root first, uncut.
    public var accepted: [Int]
    public var nextToken: Int
    /// The smallest gap between two candidates whose order mattered while the tree was drafted.
    public var selectionMargin: Double
  }

  /// One prompt and what became of it.
  public struct Case: Sendable {
    public var name: String
    public var promptIDs: [Int]
    public var vanillaIDs: [Int]
    public var speculativeIDs: [Int]
    public var cycles: [Cycle]
    /// The target's best tokens after the prompt, with their logits.
    public var targetTop: [ScoredToken]
    /// The draft's best tokens after its first pass, with their log-probabilities.
    public var draftTop: [ScoredToken]
    /// The smallest gap between the target's two best logits along the vanilla ids.
    public var minimumMargin: Double?
  }

  public struct ScoredToken: Sendable, Hashable {
    public var token: Int
    public var score: Double
  }

  /// Who recorded it, in words.
  public var producer: String
  public var acceptanceLength: Double
  public var settings: DecodeSettings
  public var cases: [Case]

  /// Tokens per cycle over all cases, the last cycle of each uncut.
  public static func acceptanceLength(of cycles: some Sequence<[Int]>) -> Double {
    var (tokens, count) = (0, 0)
    for accepted in cycles { (tokens, count) = (tokens + accepted.count, count + 1) }
    return count == 0 ? 0 : Double(tokens) / Double(count)
  }
}
