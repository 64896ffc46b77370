import ByteStorage
import LinearAlgebra
import SpeculativeDecoding
import TestSupport
import Testing

/// Misaligned-token rates against what the paper's training code counted (`debug/kacc.json`).
struct MisalignmentTests {
  private struct Recorded {
    var documents: [[Int]]
    var masks: [[Bool]]
    var rates: [Double]

    init(_ pair: GoldenPair) throws {
      let file = try InputFile(path: pair.folder + "/debug/kacc.json")
      let value = try JSONValue.parse(file.bytes, limits: .trace)
      func rows(_ key: String) throws -> [[Int]] {
        try #require(value[key]?.array).map { try #require($0.array).compactMap(\.integer) }
      }
      documents = try rows("documents")
      masks = try rows("loss_masks").map { $0.map { $0 != 0 } }
      rates = try #require(value["misaligned_rate_per_pass"]?.array).compactMap(\.double)
    }
  }

  @Test(arguments: GoldenPair.counted) func ratesAreThoseOfTheTrainingCode(name: String) throws {
    let pair = try GoldenPair(name)
    let recorded = try Recorded(pair)
    let decoder = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 2))
    var counts = MisalignmentCounts()
    for (document, mask) in zip(recorded.documents, recorded.masks) {
      counts = try counts + decoder.misalignments(document, counted: mask)
    }
    try #require(counts.rates.count == recorded.rates.count)
    for (mine, other) in zip(counts.rates, recorded.rates) { #expect(abs(mine - other) < 5e-4, "\(counts.rates) \(recorded.rates)") }
  }
}
