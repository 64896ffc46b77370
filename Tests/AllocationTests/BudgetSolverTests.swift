import Allocation
import TestSupport
import Testing

/// The knapsack against all choices there are.
struct BudgetSolverTests {
  /// Groups of three to four options whose losses fall with their bytes, not always evenly.
  private func groups(_ numbers: inout SeededNumbers) -> [[BudgetSolver.Option]] {
    (0..<6).map { _ in
      var (bytes, loss) = (Int(numbers.next() % 50) + 10, 100.0)
      return (0..<Int(3 + numbers.next() % 2)).map { _ in
        bytes += Int(numbers.next() % 90) + 1
        loss *= Double(numbers.next() % 90 + 5) / 100
        return BudgetSolver.Option(byteCount: bytes, loss: loss)
      }
    }
  }

  private func best(_ groups: [[BudgetSolver.Option]], _ budget: Int) -> Double? {
    var best: Double?
    func walk(_ group: Int, _ bytes: Int, _ loss: Double) {
      guard bytes <= budget else { return }
      guard group < groups.count else { return best = min(best ?? loss, loss) }
      for option in groups[group] { walk(group + 1, bytes + option.byteCount, loss + option.loss) }
    }
    walk(0, 0, 0)
    return best
  }

  @Test(arguments: 0..<60) func noChoiceIsMuchBetterAndNoneBeatsTheBound(seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    let groups = groups(&numbers)
    let solver = BudgetSolver(groups)
    for extra in [0, 40, 150, 300, 5000] {
      let budget = solver.leastByteCount + extra
      let (solution, bound) = try #require(solver.solve(byteCount: budget))
      let optimum = try #require(best(groups, budget))
      #expect(solution.byteCount <= budget)
      #expect(bound <= optimum + 1e-9 && optimum <= solution.loss + 1e-9)
      // Of six coarse groups little fits together; of hundreds the bound is close.
      #expect(solution.loss <= 1.6 * optimum + 1e-9, "seed \(seed), \(budget): \(solution.loss) where \(optimum) is to be had")
    }
    #expect(solver.solve(byteCount: solver.leastByteCount - 1) == nil)
  }

  @Test func thePathFallsInLossAsItGrows() {
    var numbers = SeededNumbers(seed: 7)
    let solver = BudgetSolver(groups(&numbers))
    let path = (0..<solver.pathCount).map { solver.path($0) }
    for (smaller, larger) in zip(path, path.dropFirst()) { #expect(smaller.byteCount < larger.byteCount && smaller.loss > larger.loss) }
  }

  @Test func everythingFitsWhereThereIsRoom() throws {
    let groups = [[BudgetSolver.Option(byteCount: 1, loss: 3), BudgetSolver.Option(byteCount: 9, loss: 0)]]
    let (solution, bound) = try #require(BudgetSolver(groups).solve(byteCount: 9))
    #expect(solution.options == [1] && solution.loss == 0 && bound == 0)
  }
}
