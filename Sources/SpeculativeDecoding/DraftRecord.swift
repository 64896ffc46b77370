/// Everything that one cycle's drafting considered: what a tree was chosen from, and by how little.
public struct DraftRecord: Sendable {
  /// One continuation that a draft pass proposed.
  public struct Candidate: Sendable, Hashable {
    public let token: Int
    /// Cumulative log-probability.
    public let score: Float
    /// The candidate that this one continues, -1 for those of the first pass.
    public let parent: Int
    /// 0 for the first pass, 1 for the first beam pass and so on.
    public let level: Int

    package init(token: Int, score: Float, parent: Int, level: Int) {
      (self.token, self.score, self.parent, self.level) = (token, score, parent, level)
    }
  }

  /// All that were recorded, in the order of the passes, by beam rank and then by token rank.
  public var candidates: [Candidate] = []
  /// Runners-up: the best continuation that each expanded node did not record, with that node as parent.
  public var runnersUp: [Candidate] = []
  /// The candidates that became beams of each pass.
  public var beams: [[Int]] = []
  /// The smallest gap between two candidates whose order mattered: neighbours among the continuations of a node and
  /// among the beams of a pass, the first that was not kept included, and the two on either side of the tree's cut.
  public var selectionMargin: Float = .infinity

  package init() {}

  /// The best `count` candidates as a tree under `root`, in the order of the record.
  ///
  /// Ties go to the lower index, so a node's parent, whose score is no lower and whose index is, is always kept.
  mutating func tree(root: Int, count: Int) -> DraftTree {
    let ranked = candidates.indices.sorted { left, right in
      (candidates[left].score, right) > (candidates[right].score, left)
    }
    let kept = ranked.prefix(count).sorted()
    if ranked.count > count, count > 0 {
      noteMargins(ranked: ranked[count - 1...count].map { candidates[$0].score })
    }
    var node: [Int: Int] = [-1: 0]
    var (tokens, parents, scores) = ([root], [-1], [Float(0)])
    for index in kept {
      guard let parent = node[candidates[index].parent] else { preconditionFailure("a kept node's parent is kept") }
      node[index] = tokens.count
      tokens.append(candidates[index].token)
      parents.append(parent)
      scores.append(candidates[index].score)
    }
    return DraftTree(tokens: tokens, parents: parents, scores: scores)
  }

  /// Notes the gaps between neighbours of a ranking whose order decides what is kept, or where it stands.
  mutating func noteMargins(ranked scores: [Float]) {
    for (better, worse) in zip(scores, scores.dropFirst()) {
      selectionMargin = min(selectionMargin, better - worse)
    }
  }
}
