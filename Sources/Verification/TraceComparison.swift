public import SpeculativeDecoding

/// What a decoded case and a recorded one have in common, cycle by cycle.
///
/// Two float implementations may rank two nearly equal candidates differently. A trace says how near its
/// nearest were (`selection_margin`): at `tolerance` or more the trees must be equal; below it, nodes that differ
/// must owe it to such a near tie, and the rest of the comparison goes on where both texts meet again.
public struct TraceComparison: Sendable {
  /// Scores nearer than this are a tie.
  public static let tolerance = 1e-4

  /// Cycles whose trees differ within the tolerance.
  public private(set) var differingTrees = 0
  /// What does not agree, in words; empty where the case passes.
  public private(set) var mismatches: [String] = []

  /// - Parameters:
  ///   - decoded: Our cycles, first to last.
  ///   - recorded: The trace's, first to last.
  public init(decoded: [CycleRecord], recorded: [DecodeTrace.Cycle], promptLength: Int) {
    var (mine, theirs) = (0, 0)
    var theirPosition = promptLength
    while mine < decoded.count, theirs < recorded.count {
      let cycle = decoded[mine]
      // After an excused difference the two texts may be cut into cycles at other places for a while.
      if cycle.position < theirPosition {
        mine += 1
        continue
      }
      let other = recorded[theirs]
      if cycle.position == theirPosition {
        compare(cycle, other, index: theirs)
        mine += 1
      }
      theirPosition += other.accepted.count
      theirs += 1
    }
    // The same text in the same cycles ends in the same cycle, unless a tie moved the borders.
    if differingTrees == 0, mismatches.isEmpty, decoded.count != recorded.count {
      mismatches.append("decoded in \(decoded.count) cycles where the trace has \(recorded.count)")
    }
  }

  private mutating func compare(_ cycle: CycleRecord, _ other: DecodeTrace.Cycle, index: Int) {
    let place = "cycle \(index) (position \(cycle.position))"
    let theirs = PathTree(tokens: other.treeTokens, parents: other.treeParents)
    let ours = PathTree(tokens: cycle.tree.tokens, parents: cycle.tree.parents)
    if ours.paths == theirs.paths {
      let (mine, recorded) = (cycle.emitted, other.accepted.map { other.treeTokens[$0] })
      if mine != recorded {
        mismatches.append("\(place): accepted tokens \(mine) where the trace has \(recorded)")
      } else if cycle.nextToken != other.nextToken {
        mismatches.append("\(place): next token \(cycle.nextToken) where the trace has \(other.nextToken)")
      }
      return
    }
    let differing = ours.paths.symmetricDifference(theirs.paths)
    guard other.selectionMargin < TraceComparison.tolerance else {
      mismatches.append("\(place): the trees differ in \(differing.count) nodes, and no tie explains it")
      return
    }
    let unexplained = NearTies(cycle, tolerance: Float(TraceComparison.tolerance)).unexplained(among: differing)
    if let path = unexplained.min(by: { ($0.count, $0.description) < ($1.count, $1.description) }) {
      mismatches.append("\(place): the trees differ in \(differing.count) nodes; no tie explains the path \(path)")
    } else {
      differingTrees += 1
    }
  }
}

/// A tree as the set of its root-to-node token paths.
private struct PathTree {
  let paths: Set<[Int]>

  init(tokens: [Int], parents: [Int]) {
    var all: [[Int]] = []
    for (token, parent) in zip(tokens, parents) {
      all.append(parent < 0 ? [token] : all[parent] + [token])
    }
    paths = Set(all)
  }
}

/// Which nodes of a cycle another implementation might have chosen otherwise.
private struct NearTies {
  private let record: DraftRecord
  private let tolerance: Float
  /// The lowest score in the tree.
  private let treeCut: Float
  private var expansions: [Int: Expansion] = [:]

  /// The continuations of one expanded candidate (-1: of the first pass).
  private struct Expansion {
    /// Recorded continuations by token: their indices.
    var kept: [Int: Int] = [:]
    /// Their lowest score.
    var cut = Float.infinity
    /// The best that was not recorded.
    var runnerUp: DraftRecord.Candidate?

    mutating func record(_ candidate: DraftRecord.Candidate, at index: Int) {
      kept[candidate.token] = index
      cut = min(cut, candidate.score)
    }
  }

  init(_ cycle: CycleRecord, tolerance: Float) {
    record = cycle.draft
    self.tolerance = tolerance
    treeCut = cycle.tree.scores.dropFirst().min() ?? 0
    for (index, candidate) in record.candidates.enumerated() {
      expansions[candidate.parent, default: Expansion()].record(candidate, at: index)
    }
    for candidate in record.runnersUp { expansions[candidate.parent]?.runnerUp = candidate }
  }

  /// The paths that no near tie explains.
  func unexplained(among paths: Set<[Int]>) -> [[Int]] {
    var rest: [[Int]] = []
    var beamsMayDiffer = false
    for path in paths {
      switch reason(for: path) {
      case .treeCut: break
      case .earlierCut: beamsMayDiffer = true
      case .none: rest.append(path)
      }
    }
    // Another beam brings other nodes, and those that they displace need not be near the cut themselves.
    return beamsMayDiffer ? [] : rest
  }

  private enum Reason { case treeCut, earlierCut, none }

  /// The near tie on the way down a path of tokens, root first.
  private func reason(for path: [Int]) -> Reason {
    var parent = -1
    for (step, token) in path.dropFirst().enumerated() {
      guard let expansion = expansions[parent] else { return .none }
      guard let index = expansion.kept[token] else {
        guard let runnerUp = expansion.runnerUp, runnerUp.token == token else { return .none }
        return isNear(runnerUp.score, expansion.cut) ? .earlierCut : .none
      }
      let candidate = record.candidates[index]
      if let runnerUp = expansion.runnerUp, isNear(candidate.score, runnerUp.score) { return .earlierCut }
      if step == path.count - 2 { return isNear(candidate.score, treeCut) ? .treeCut : .none }
      if let cut = record.beamCut(level: candidate.level), isNear(candidate.score, cut) { return .earlierCut }
      parent = index
    }
    return .none
  }

  private func isNear(_ left: Float, _ right: Float) -> Bool { abs(left - right) < tolerance }
}
