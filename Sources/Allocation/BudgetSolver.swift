/// Chooses one option for each group so that all take no more than a budget and lose as little as can be: the multiple-choice knapsack.
///
/// Greedy along the lower convex hulls, by loss saved per byte, then exchanges between two groups. The optimum of the relaxed problem,
/// in which one group may be stored half this way and half that, is a bound that no choice can beat.
package struct BudgetSolver: Sendable {
  package struct Option: Sendable, Hashable {
    package let byteCount: Int
    package let loss: Double

    package init(byteCount: Int, loss: Double) { (self.byteCount, self.loss) = (byteCount, loss) }
  }

  package struct Solution: Sendable, Hashable {
    /// The option of each group.
    package fileprivate(set) var options: [Int]
    package fileprivate(set) var byteCount: Int
    package fileprivate(set) var loss: Double
  }

  /// By group, from the smallest to the largest.
  private let groups: [[Option]]
  private let steps: [Step]
  /// The cheapest option of each group.
  private let start: Solution

  /// A step up a hull.
  private struct Step: Sendable {
    let group, option: Int
    let byteCount: Int
    let saving: Double
    var rate: Double { saving / Double(byteCount) }
  }

  package init(_ groups: [[Option]]) {
    self.groups = groups
    var (steps, first): ([Step], [Int]) = ([], [])
    for (group, options) in groups.enumerated() {
      let hull = BudgetSolver.hull(options)
      first.append(hull[0])
      for (from, to) in zip(hull, hull.dropFirst()) {
        steps.append(
          Step(
            group: group, option: to, byteCount: options[to].byteCount - options[from].byteCount, saving: options[from].loss - options[to].loss))
      }
    }
    // Rates fall along a hull, so that a group's steps keep their order.
    self.steps = steps.enumerated().sorted { ($1.element.rate, $0.offset) < ($0.element.rate, $1.offset) }.map(\.element)
    start = BudgetSolver.solution(groups, first)
  }

  /// Places of the options on the lower convex hull of loss over bytes.
  private static func hull(_ options: [Option]) -> [Int] {
    let order = options.indices.sorted { (options[$0].byteCount, options[$0].loss, $0) < (options[$1].byteCount, options[$1].loss, $1) }
    var hull: [Int] = []
    for index in order {
      let option = options[index]
      if let last = hull.last, option.loss >= options[last].loss { continue }
      while hull.count >= 2 {
        let (a, b) = (options[hull[hull.count - 2]], options[hull[hull.count - 1]])
        let before = (a.loss - b.loss) / Double(b.byteCount - a.byteCount)
        let after = (b.loss - option.loss) / Double(option.byteCount - b.byteCount)
        guard after >= before else { break }
        hull.removeLast()
      }
      hull.append(index)
    }
    return hull
  }

  private static func solution(_ groups: [[Option]], _ options: [Int]) -> Solution {
    var solution = Solution(options: options, byteCount: 0, loss: 0)
    for (group, option) in options.enumerated() {
      solution.byteCount += groups[group][option].byteCount
      solution.loss += groups[group][option].loss
    }
    return solution
  }

  /// The fewest bytes that any choice takes.
  package var leastByteCount: Int { start.byteCount }
  /// Choices along the hulls, from the smallest on.
  package var pathCount: Int { steps.count + 1 }

  /// The choice after so many steps.
  package func path(_ count: Int) -> Solution {
    var options = start.options
    for step in steps.prefix(count) { options[step.group] = step.option }
    return BudgetSolver.solution(groups, options)
  }

  /// The least loss within a budget that was found, and a bound that no choice beats; nil where nothing fits.
  package func solve(byteCount budget: Int) -> (solution: Solution, bound: Double)? {
    guard start.byteCount <= budget else { return nil }
    var (options, left, bound) = (start.options, budget - start.byteCount, start.loss)
    // Until a step does not fit, the choice is the relaxed problem's too; of that one a part is taken.
    var isRelaxed = true
    var blocked: Set<Int> = []
    for step in steps {
      if isRelaxed {
        bound -= step.rate * Double(min(step.byteCount, left))
        isRelaxed = step.byteCount <= left
      }
      guard !blocked.contains(step.group) else { continue }
      guard step.byteCount <= left else {
        blocked.insert(step.group)
        continue
      }
      options[step.group] = step.option
      left -= step.byteCount
    }
    return (improved(BudgetSolver.solution(groups, options), budget), bound)
  }

  /// Exchanges: one group takes another option, alone or with a second one that makes room, while that loses less.
  private func improved(_ solution: Solution, _ budget: Int) -> Solution {
    var current = solution
    // Each exchange lowers the loss; the limit is one against surprises.
    for _ in 0..<10_000 {
      guard let next = bestExchange(current, budget) else { return current }
      current = next
    }
    return current
  }

  private func bestExchange(_ current: Solution, _ budget: Int) -> Solution? {
    let room = budget - current.byteCount
    var best: (change: Double, moves: [(group: Int, option: Int)]) = (-1e-12 * max(1, abs(current.loss)), [])
    var moves: [(group: Int, option: Int, bytes: Int, loss: Double)] = []
    for (group, options) in groups.enumerated() {
      let chosen = options[current.options[group]]
      for (index, option) in options.enumerated() where index != current.options[group] {
        moves.append((group, index, option.byteCount - chosen.byteCount, option.loss - chosen.loss))
      }
    }
    // Of what makes room, the cheapest for each amount: walking both lists by bytes finds every pair that pays.
    let savers = moves.filter { $0.bytes < 0 }.sorted { ($0.loss, $0.bytes, $0.group, $0.option) < ($1.loss, $1.bytes, $1.group, $1.option) }
    for gain in moves where gain.loss < 0 {
      if gain.bytes <= room {
        if gain.loss < best.change { best = (gain.loss, [(gain.group, gain.option)]) }
        continue
      }
      for saver in savers {
        guard gain.loss + saver.loss < best.change else { break }
        guard saver.group != gain.group, gain.bytes + saver.bytes <= room else { continue }
        best = (gain.loss + saver.loss, [(gain.group, gain.option), (saver.group, saver.option)])
        break
      }
    }
    guard !best.moves.isEmpty else { return nil }
    var options = current.options
    for move in best.moves { options[move.group] = move.option }
    return BudgetSolver.solution(groups, options)
  }
}
