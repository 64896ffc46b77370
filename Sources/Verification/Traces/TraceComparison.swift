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
    let unexplained = NearTieCheck(cycle, tolerance: Float(TraceComparison.tolerance)).unexplained(among: differing)
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
