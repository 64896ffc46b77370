import ByteStorage
import SpeculativeDecoding
import TestSupport
import Testing

import Verification

struct CostCurveTests {
  @Test func costsAreLinearBetweenMedians() {
    let curve = CostCurve([1: [3, 1, 2], 4: [8, 8], 8: [9, 100, 8]])
    #expect(curve.points.map(\.seconds) == [2, 8, 9])
    #expect(curve.seconds(1) == 2 && curve.seconds(4) == 8 && curve.seconds(2) == 4)
    // Beyond the last as between the last two.
    #expect(curve.seconds(12) == 10)
    #expect(CostCurve([5: [7]]).seconds(60) == 7)
  }

  /// Where a pass costs the same whatever its size, and everything is accepted, trees are deep; where each node costs as much as
  /// a plain token, none pays.
  @Test func aCycleCostsItsPasses() {
    var costs = DecodingCosts()
    costs.plainToken = 1
    costs.target = CostCurve([1: [1], 64: [2]])
    costs.draftStart = 0.1
    costs.draftPass = CostCurve([1: [0.2], 10: [0.2]])
    costs.draftExtension = CostCurve([1: [0.1], 8: [0.8]])
    let seconds = costs.cycle(TreeShape(totalTokens: 64, depth: 3, topK: 10), tokens: 2.5)
    #expect(abs(seconds - (2 + 0.1 + 0.6 + 0.25)) < 1e-12)
  }
}

struct DraftedPlaceTests {
  /// Two beams: `a` and `b`, then `c`, `d` under `a` and `e` under `b`, then `f` under `c`.
  private func place(_ continuation: [Int]) -> DraftedPlace {
    var record = DraftRecord()
    record.candidates = [(1, -0.1, -1, 0), (2, -0.5, -1, 0), (3, -0.2, 0, 1), (4, -0.9, 0, 1), (5, -0.6, 1, 1), (6, -0.3, 2, 2)].map {
      DraftRecord.Candidate(token: $0.0, score: $0.1, parent: $0.2, level: $0.3)
    }
    record.beams = [[0, 1], [2, 4]]
    return DraftedPlace(record, continuation: continuation)
  }

  @Test func acceptedTokensAreFoundInTheOrderOfTheirScores() {
    #expect(place([1, 3, 6, 9]).order(depth: 2, topK: 2) == [0, 1, 2])
    #expect(place([2, 5, 7]).order(depth: 2, topK: 2) == [3, 4])
    #expect(place([1, 4]).order(depth: 2, topK: 2) == [0, 5])
    #expect(place([7]).order(depth: 2, topK: 2) == [])
    // Without the later passes, and with one beam.
    #expect(place([1, 3, 6]).order(depth: 1, topK: 2) == [0, 1])
    #expect(place([2, 5]).order(depth: 2, topK: 1) == [])
    #expect(place([1, 3, 6]).order(depth: 2, topK: 1) == [0, 1, 2])
  }
}

struct TreeFileTests {
  @Test func aTreeReadsBackAsItWasWritten() throws {
    let folder = try TemporaryFolder()
    let file = TreeFile(shape: TreeShape(totalTokens: 24, depth: 3, topK: 4), digest: "ab", measuredSpeedup: 1.5)
    try folder.write(Array(file.document.encoded(pretty: true).utf8), to: "t.json")
    #expect(try TreeFile(path: folder.path("t.json")) == file)
  }

  @Test(arguments: [
    ("{}", GriffinError.Kind.malformed, "format"),
    (#"{"format":"griffin-tree","version":2}"#, .unsupported, "version 1"),
    (#"{"format":"griffin-tree","version":1,"total_tokens":24,"depth":3}"#, .malformed, "top_k"),
    (#"{"format":"griffin-tree","version":1,"total_tokens":24,"depth":3,"top_k":4}"#, .malformed, "digest"),
    (#"{"format":"griffin-tree","version":1,"total_tokens":0,"depth":3,"top_k":4,"digest":""}"#, .malformed, "total_tokens"),
    (#"{"format":"griffin-tree","version":1,"total_tokens":24,"depth":99,"top_k":4,"digest":""}"#, .malformed, "depth"),
    ("[", .malformed, "JSON"),
  ])
  func anythingElseIsRefused(text: String, kind: GriffinError.Kind, saying words: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Array(text.utf8), to: "t.json")
    let error = try #require(throws: GriffinError.self) { try TreeFile(path: folder.path("t.json")) }
    #expect(error.kind == kind && error.message.contains(words), "\(error)")
    #expect(error.file == folder.path("t.json"))
  }
}
