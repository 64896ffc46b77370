import ByteStorage
import SpeculativeDecoding
import Testing
import Verification

/// Cycles made by hand. The draft proposes, after the root 7, with two beams a pass:
///
/// ```
/// pass 0:  10 (-0.5)  11 (-1.0)            not kept: 12
/// pass 1:  10 → 20 (-0.9), 21 (-1.5)       11 → 30, 31 (-2.5)
/// pass 2:  20 → 40 (-1.1), 41 (-3.0)       21 → 50 (-1.6), 51 (-3.5)
/// ```
struct TraceComparisonTests {
  private struct Draft {
    /// The best token that the first pass did not keep.
    var runnerUp: Float = -4
    /// The third of the second pass, of which two become beams.
    var third: Float = -2
    /// Drafted nodes of the tree.
    var count = 7

    var cycle: CycleRecord { cycle(at: 3, accepted: [7], next: 0) }

    func cycle(at position: Int, accepted: [Int], next: Int) -> CycleRecord {
      func candidate(_ token: Int, _ score: Float, _ parent: Int, _ level: Int) -> DraftRecord.Candidate {
        DraftRecord.Candidate(token: token, score: score, parent: parent, level: level)
      }
      var record = DraftRecord()
      record.candidates = [
        candidate(10, -0.5, -1, 0), candidate(11, -1, -1, 0), candidate(20, -0.9, 0, 1), candidate(21, -1.5, 0, 1),
        candidate(30, third, 1, 1), candidate(31, -2.5, 1, 1), candidate(40, -1.1, 2, 2), candidate(41, -3, 2, 2),
        candidate(50, -1.6, 3, 2), candidate(51, -3.5, 3, 2),
      ]
      record.runnersUp = [candidate(12, runnerUp, -1, 0)]
      record.beams = [[0, 1], [2, 3]]
      record.selectionMargin = 1
      let ranked = record.candidates.indices.sorted {
        (record.candidates[$0].score, $1) > (record.candidates[$1].score, $0)
      }
      let kept = ranked.prefix(count).sorted()
      let node = Dictionary(uniqueKeysWithValues: zip([-1] + kept, 0...))
      let tree = DraftTree(
        tokens: [7] + kept.map { record.candidates[$0].token }, parents: [-1] + kept.map { node[record.candidates[$0].parent]! },
        scores: [0] + kept.map { record.candidates[$0].score })
      return CycleRecord(
        position: position, tree: tree, draft: record, accepted: TraceComparisonTests.nodes(accepted, of: tree.tokens),
        nextToken: next)
    }
  }

  /// Nodes by their tokens, which are all different here.
  private static func nodes(_ tokens: [Int], of tree: [Int]) -> [Int] { tokens.map { tree.firstIndex(of: $0)! } }

  /// A recorded cycle: each node by its token and that of its parent.
  private static func recorded(
    _ edges: [(parent: Int, token: Int)], margin: Double, accepted: [Int] = [7], next: Int = 0
  ) throws -> [DecodeTrace.Cycle] {
    let tokens = [7] + edges.map(\.token)
    let cycle: JSONValue = [
      "tree_tokens": .array(tokens.map { .integer($0) }),
      "tree_parents": .array([-1] + edges.map { .integer(nodes([$0.parent], of: tokens)[0]) }),
      "accepted": .array(nodes(accepted, of: tokens).map { .integer($0) }), "next_token": .integer(next),
      "selection_margin": .number(margin),
    ]
    let document: JSONValue = [
      "format": "griffin-trace", "version": 1, "acceptance_length": 1,
      "settings": ["total_tokens": 60, "depth": 5, "top_k": 10, "max_new_tokens": 64, "stop_ids": []],
      "cases": [["name": "", "prompt_ids": [1], "vanilla_ids": [], "speculative_ids": [], "cycles": [cycle]]],
    ]
    return try DecodeTrace(document, file: nil).cases[0].cycles
  }

  /// The tree of `Draft` as it is: 7 drafted nodes, the lowest 30 at -2.
  private static let own = [(7, 10), (7, 11), (10, 20), (10, 21), (11, 30), (20, 40), (21, 50)]

  private static func compare(_ draft: Draft, _ other: [DecodeTrace.Cycle]) -> TraceComparison {
    TraceComparison(decoded: [draft.cycle], recorded: other, promptLength: 3)
  }

  @Test func theOrderOfNodesDoesNotCount() throws {
    for edges in [TraceComparisonTests.own, [(7, 11), (11, 30), (7, 10), (10, 21), (21, 50), (10, 20), (20, 40)]] {
      let comparison = try TraceComparisonTests.compare(Draft(), TraceComparisonTests.recorded(edges, margin: 1))
      #expect(comparison.mismatches.isEmpty && comparison.differingTrees == 0)
    }
  }

  /// 31 where 30 is: the two are as near as `third` is to -2.5.
  private static let otherLast = [(7, 10), (7, 11), (10, 20), (10, 21), (11, 31), (20, 40), (21, 50)]

  @Test(arguments: [Float(-2.50009), -2.5, -2.49995, -2.49991])
  func nodesNearTheCutOfTheTreeAreExcusedAndCounted(third: Float) throws {
    let comparison = try TraceComparisonTests.compare(
      Draft(third: third),
      TraceComparisonTests.recorded(
        third >= -2.5 ? TraceComparisonTests.otherLast : TraceComparisonTests.own, margin: 9e-5))
    #expect(comparison.mismatches.isEmpty)
    #expect(comparison.differingTrees == 1)
  }

  @Test func aMarginOfTheToleranceExcusesNothing() throws {
    for margin in [1e-4, 0.5, 1e30] {
      let comparison = try TraceComparisonTests.compare(
        Draft(third: -2.49995), TraceComparisonTests.recorded(TraceComparisonTests.otherLast, margin: margin))
      #expect(comparison.mismatches == ["cycle 0 (position 3): the trees differ in 2 nodes, and no tie explains it"])
      #expect(comparison.differingTrees == 0)
    }
  }

  @Test func nodesBeyondTheToleranceAreMismatches() throws {
    for third in [Float(-2.4998), -2] {
      let comparison = try TraceComparisonTests.compare(
        Draft(third: third), TraceComparisonTests.recorded(TraceComparisonTests.otherLast, margin: 1e-6))
      #expect(
        comparison.mismatches == [
          "cycle 0 (position 3): the trees differ in 2 nodes; no tie explains the path [7, 11, 30]"
        ])
      #expect(comparison.differingTrees == 0)
    }
  }

  @Test func theLowestNodeIsNotExcusedByBeingTheLowest() throws {
    // The trace's tree lacks our lowest node, and nothing near it is left out of ours.
    let comparison = try TraceComparisonTests.compare(
      Draft(), TraceComparisonTests.recorded(TraceComparisonTests.own.filter { $0.1 != 30 }, margin: 1e-6))
    #expect(comparison.mismatches.count == 1 && comparison.differingTrees == 0)
  }

  @Test func tokensThatNobodyProposedAreMismatches() throws {
    for strange in [(11, 99), (50, 99), (7, 99), (30, 99)] {
      let edges = TraceComparisonTests.own.filter { $0.1 != 40 } + [strange]
      let comparison = try TraceComparisonTests.compare(
        Draft(third: -2.49995), TraceComparisonTests.recorded(edges, margin: 1e-6))
      #expect(comparison.mismatches.count == 1 && comparison.differingTrees == 0, "\(strange)")
    }
  }

  /// Another implementation keeps 12 where ours keeps 11; all below it differs.
  private static let otherBeam = [(7, 10), (7, 12), (10, 20), (10, 21), (12, 60), (20, 40), (21, 50)]

  @Test func tiesOfTheFirstPassExcuseWhatComesOfThem() throws {
    let near = try TraceComparisonTests.compare(
      Draft(runnerUp: -1.00005), TraceComparisonTests.recorded(TraceComparisonTests.otherBeam, margin: 5e-5))
    #expect(near.mismatches.isEmpty && near.differingTrees == 1)
    let far = try TraceComparisonTests.compare(
      Draft(runnerUp: -1.0002), TraceComparisonTests.recorded(TraceComparisonTests.otherBeam, margin: 5e-5))
    #expect(far.mismatches.count == 1 && far.differingTrees == 0)
  }

  @Test func tiesOfBeamsExcuseWhatComesOfThem() throws {
    // 30 is expanded where ours expands 21.
    let edges = [(7, 10), (7, 11), (10, 20), (10, 21), (11, 30), (20, 40), (30, 70)]
    let near = try TraceComparisonTests.compare(Draft(third: -1.50005), TraceComparisonTests.recorded(edges, margin: 5e-5))
    #expect(near.mismatches.isEmpty && near.differingTrees == 1)
    let far = try TraceComparisonTests.compare(Draft(third: -1.5002), TraceComparisonTests.recorded(edges, margin: 5e-5))
    #expect(far.mismatches.count == 1 && far.differingTrees == 0)
  }

  @Test func theLowestBeamIsNotExcusedByBeingTheLowest() throws {
    // 51 in place of 50, both under the lower beam, far apart; no other beam is near.
    let edges = TraceComparisonTests.own.filter { $0.1 != 50 } + [(21, 51)]
    let comparison = try TraceComparisonTests.compare(Draft(), TraceComparisonTests.recorded(edges, margin: 1e-6))
    #expect(comparison.mismatches.count == 1 && comparison.differingTrees == 0)
  }

  @Test func anotherRootIsNeverExcused() throws {
    var other = try TraceComparisonTests.recorded(TraceComparisonTests.own, margin: 1e-9)
    other[0].treeTokens[0] = 8
    #expect(TraceComparisonTests.compare(Draft(third: -2.49995), other).mismatches.count == 1)
  }

  @Test func acceptedTokensAndTheNextMustAgree() throws {
    let mine = Draft().cycle(at: 3, accepted: [7, 10, 20], next: 5)
    func mismatches(accepted: [Int], next: Int) throws -> [String] {
      let other = try TraceComparisonTests.recorded(TraceComparisonTests.own, margin: 1e-9, accepted: accepted, next: next)
      return TraceComparison(decoded: [mine], recorded: other, promptLength: 3).mismatches
    }
    #expect(try mismatches(accepted: [7, 10, 20], next: 5) == [])
    #expect(
      try mismatches(accepted: [7, 10, 21], next: 5) == [
        "cycle 0 (position 3): accepted tokens [7, 10, 20] where the trace has [7, 10, 21]"
      ])
    #expect(
      try mismatches(accepted: [7, 10, 20], next: 6) == ["cycle 0 (position 3): next token 5 where the trace has 6"])
  }

  @Test func asManyCyclesAreExpected() throws {
    let cycle = Draft().cycle
    let other = try TraceComparisonTests.recorded(TraceComparisonTests.own, margin: 1)
    #expect(
      TraceComparison(decoded: [cycle, Draft().cycle(at: 4, accepted: [7], next: 0)], recorded: other, promptLength: 3).mismatches
        == ["decoded in 2 cycles where the trace has 1"])
    #expect(
      TraceComparison(decoded: [cycle], recorded: [], promptLength: 3).mismatches
        == ["decoded in 1 cycles where the trace has 0"])
    #expect(TraceComparison(decoded: [], recorded: [], promptLength: 3).mismatches.isEmpty)
    #expect(TraceComparison(decoded: [], recorded: other, promptLength: 3).mismatches.count == 1)
  }

  /// Ours accepts 30 in an excused cycle; the trace's tree lacks it, so the text is cut into cycles at other places.
  @Test func comparisonGoesOnWhereBothTextsMeet() throws {
    let tied = Draft(third: -2.49995)
    func run(_ last: [(parent: Int, token: Int)]) throws -> TraceComparison {
      let decoded = [tied.cycle(at: 3, accepted: [7, 11, 30], next: 7), Draft().cycle(at: 6, accepted: [7, 10], next: 7)]
      let recorded = try [
        TraceComparisonTests.recorded(TraceComparisonTests.otherLast, margin: 5e-5, accepted: [7, 11], next: 30),
        // At position 5, where ours begins no cycle; whatever it is, there is nothing to hold it against.
        TraceComparisonTests.recorded([(7, 99)], margin: 1, accepted: [7], next: 7),
        TraceComparisonTests.recorded(last, margin: 1, accepted: [7, 10], next: 7),
      ].flatMap(\.self)
      return TraceComparison(decoded: decoded, recorded: recorded, promptLength: 3)
    }
    let same = try run(TraceComparisonTests.own)
    #expect(same.mismatches.isEmpty && same.differingTrees == 1)
    let other = try run([(7, 10), (7, 11), (10, 20), (10, 21), (11, 31), (20, 40), (21, 50)])
    #expect(other.mismatches == ["cycle 2 (position 6): the trees differ in 2 nodes, and no tie explains it"])
  }

  /// The same the other way round: the trace's cycle is the longer one.
  @Test func comparisonGoesOnAlsoWhereTheTraceIsAhead() throws {
    let decoded = [
      Draft(third: -2.49995).cycle(at: 3, accepted: [7, 11], next: 31), Draft().cycle(at: 5, accepted: [7], next: 7),
      Draft().cycle(at: 6, accepted: [7], next: 0),
    ]
    let recorded = try [
      TraceComparisonTests.recorded(TraceComparisonTests.otherLast, margin: 5e-5, accepted: [7, 11, 31], next: 7),
      TraceComparisonTests.recorded(TraceComparisonTests.own, margin: 1, accepted: [7], next: 9),
    ].flatMap(\.self)
    let comparison = TraceComparison(decoded: decoded, recorded: recorded, promptLength: 3)
    #expect(comparison.differingTrees == 1)
    #expect(comparison.mismatches == ["cycle 1 (position 6): next token 0 where the trace has 9"])
  }
}
