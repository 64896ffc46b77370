import SpeculativeDecoding
import Testing

struct DraftTreeTests {
  /// ```
  /// 0(7) ─ 1(10) ─ 3(30) ─ 6(60) ─ 7(70)
  ///      │       └ 4(31)
  ///      └ 2(11) ─ 5(30)
  /// ```
  private let tree = DraftTree(
    tokens: [7, 10, 11, 30, 31, 30, 60, 70], parents: [-1, 0, 0, 1, 1, 2, 3, 6],
    scores: [0, -0.1, -0.5, -0.2, -0.9, -0.6, -0.3, -0.4])

  @Test func depthsAndPathsFollowTheParents() {
    #expect(tree.nodeCount == 8)
    #expect(tree.depths == [0, 1, 1, 2, 2, 2, 3, 4])
    #expect(tree.path(to: 0) == [0])
    #expect(tree.path(to: 5) == [0, 2, 5])
    #expect(tree.path(to: 7) == [0, 1, 3, 6, 7])
  }

  /// The target's choice after each node, and what is accepted of it.
  private static let ways: [(choices: [Int], accepted: [Int])] = [
    ([10, 30, 30, 60, 0, 0, 70, 0], [0, 1, 3, 6, 7]),
    ([10, 31, 30, 60, 0, 0, 70, 0], [0, 1, 4]),
    ([11, 30, 30, 60, 0, 0, 70, 0], [0, 2, 5]),
    ([10, 99, 30, 60, 0, 0, 70, 0], [0, 1]),
    ([99, 30, 30, 60, 0, 0, 70, 0], [0]),
    ([10, 30, 30, 0, 0, 0, 70, 0], [0, 1, 3]),
  ]

  @Test(arguments: ways)
  func acceptedIsTheWayThatTheTargetGoes(choices: [Int], accepted: [Int]) {
    #expect(tree.accepted(byChoices: choices) == accepted)
  }

  @Test func rootAloneIsAlwaysAccepted() {
    let root = DraftTree(tokens: [5], parents: [-1], scores: [0])
    #expect(root.accepted(byChoices: [9]) == [0])
    #expect(root.depths == [0])
    #expect(root.path(to: 0) == [0])
  }
}
