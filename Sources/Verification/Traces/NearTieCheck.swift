internal import SpeculativeDecoding

/// Which nodes of a cycle another implementation might have chosen otherwise.
struct NearTieCheck {
  private let record: DraftRecord
  private let tolerance: Float
  private let treeCut: Cut
  /// By level of the candidates that became beams.
  private let beamCuts: [Cut]
  private var expansions: [Int: Expansion] = [:]

  /// Where a ranking was cut in two.
  private struct Cut {
    /// The lowest score that was kept.
    var kept = Float.infinity
    /// The highest that was not.
    var lost = -Float.infinity

    /// Whether a score is that near to the other side.
    func isNear(_ score: Float, tolerance: Float) -> Bool {
      score >= kept ? score - lost < tolerance : kept - score < tolerance
    }
  }

  /// The continuations of one expanded candidate (-1: of the first pass).
  private struct Expansion {
    /// Recorded continuations by token: their indices.
    var kept: [Int: Int] = [:]
    /// The best that was not recorded.
    var runnerUp: DraftRecord.Candidate?
    var cut = Cut()
  }

  init(_ cycle: CycleRecord, tolerance: Float) {
    record = cycle.draft
    self.tolerance = tolerance
    let ranked = record.candidates.map(\.score).sorted(by: >)
    let count = cycle.tree.nodeCount - 1
    treeCut = Cut(kept: cycle.tree.scores.dropFirst().min() ?? .infinity, lost: ranked.dropFirst(count).first ?? -.infinity)
    var beamCuts = [Cut](repeating: Cut(), count: record.beams.count)
    let beams = record.beams.map(Set.init)
    for (index, candidate) in record.candidates.enumerated() {
      expansions[candidate.parent, default: Expansion()].kept[candidate.token] = index
      expansions[candidate.parent]?.cut.kept.lower(to: candidate.score)
      guard beams.indices.contains(candidate.level) else { continue }
      if beams[candidate.level].contains(index) {
        beamCuts[candidate.level].kept.lower(to: candidate.score)
      } else {
        beamCuts[candidate.level].lost.raise(to: candidate.score)
      }
    }
    self.beamCuts = beamCuts
    for candidate in record.runnersUp {
      expansions[candidate.parent]?.runnerUp = candidate
      expansions[candidate.parent]?.cut.lost.raise(to: candidate.score)
    }
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
      if isNear(candidate.score, expansion.cut) { return .earlierCut }
      if step == path.count - 2 { return isNear(candidate.score, treeCut) ? .treeCut : .none }
      if beamCuts.indices.contains(candidate.level), isNear(candidate.score, beamCuts[candidate.level]) { return .earlierCut }
      parent = index
    }
    return .none
  }

  private func isNear(_ score: Float, _ cut: Cut) -> Bool { cut.isNear(score, tolerance: tolerance) }
}

extension Float {
  fileprivate mutating func lower(to other: Float) { self = Swift.min(self, other) }
  fileprivate mutating func raise(to other: Float) { self = Swift.max(self, other) }
}
