import ByteStorage
import SpeculativeDecoding
import Testing

struct DecodeSettingsTests {
  @Test func defaultsAreThoseOfTheContract() {
    let settings = DecodeSettings()
    #expect([settings.totalTokens, settings.depth, settings.topK, settings.maxNewTokens] == [60, 5, 10, 32])
    #expect(settings.stopTokens.isEmpty)
  }

  private static let cuts: [(maximum: Int, stops: Set<Int>, kept: [Int])] = [
    (5, [], [1, 2, 3, 2, 4]),
    (6, [], [1, 2, 3, 2, 4, 9]),
    (100, [], [1, 2, 3, 2, 4, 9]),
    (100, [2], [1, 2]),
    (100, [4, 3], [1, 2, 3]),
    (2, [3], [1, 2]),
    (3, [3], [1, 2, 3]),
    (1, [1], [1]),
    (100, [77], [1, 2, 3, 2, 4, 9]),
  ]

  @Test(arguments: cuts)
  func idsAreCutAfterTheFirstStopAndAtTheMaximum(maximum: Int, stops: Set<Int>, kept: [Int]) {
    let settings = DecodeSettings(maxNewTokens: maximum, stopTokens: stops)
    #expect(settings.cut([1, 2, 3, 2, 4, 9]) == kept)
    #expect(settings.cut(kept) == kept)
    #expect(settings.isComplete([1, 2, 3, 2, 4, 9]) == (maximum <= 6 || stops.contains { $0 < 10 }))
  }

  @Test func nothingIsCutOfNothing() {
    #expect(DecodeSettings(stopTokens: [1]).cut([]) == [])
    #expect(!DecodeSettings(stopTokens: [1]).isComplete([]))
  }

  private static let refused: [(settings: DecodeSettings, message: String)] = [
    (DecodeSettings(totalTokens: 0), "total tokens is 0; expected 1 to 4096"),
    (DecodeSettings(totalTokens: 4097), "total tokens is 4097; expected 1 to 4096"),
    (DecodeSettings(depth: -1), "depth is -1; expected 0 to 64"),
    (DecodeSettings(depth: 65), "depth is 65; expected 0 to 64"),
    (DecodeSettings(topK: 0), "top-k is 0; expected 1 to 1024"),
    (DecodeSettings(topK: 1025), "top-k is 1025; expected 1 to 1024"),
    (DecodeSettings(maxNewTokens: 0), "new tokens is 0; expected 1 to 1000000"),
    (DecodeSettings(maxNewTokens: Int.max), "new tokens is \(Int.max); expected 1 to 1000000"),
  ]

  @Test(arguments: refused)
  func valuesThatNoTreeHasAreWrongUsage(settings: DecodeSettings, message: String) {
    #expect(throws: GriffinError(.usage, message)) { try settings.validate() }
  }

  @Test func limitsThemselvesAreAllowed() throws {
    try DecodeSettings(totalTokens: 1, depth: 0, topK: 1, maxNewTokens: 1).validate()
    try DecodeSettings(totalTokens: 4096, depth: 64, topK: 1024, maxNewTokens: 1_000_000).validate()
  }
}
