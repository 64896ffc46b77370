import ByteStorage
import Calibration
import Checkpoints
import LinearAlgebra
import SpeculativeDecoding
import TestSupport
import Testing

/// From a text to a file: written, read back, interrupted, continued, merged.
struct CalibrationRunTests {
  private static func run(_ pair: TinyPair, parts: Int, first: Int = 0) -> CalibrationRun {
    let ids = CollectorTests.chunks(first + parts, of: 512).dropFirst(first).flatMap(\.self)
    let name = "t\(first).txt"
    let text = CalibrationText(
      text: ImportanceSums.Text(name: name, digest: SHA256Digest(of: name.rawBytes)), ids: ids, beginToken: 1)
    var run = CalibrationRun(target: pair.target, draft: pair.draft, text: text)
    run.threads = 1
    return run
  }

  @Test func theFileHoldsWhatWasCollected() throws {
    let (folder, pair) = (try TemporaryFolder(), try TinyPair(.family("mixtral", seed: 5)))
    let run = CalibrationRunTests.run(pair, parts: 1)
    let result = try run.run(to: folder.path("m.gguf"))
    let file = try ImportanceFile(path: folder.path("m.gguf"))
    let counted = result.sums.entries.filter { $0.value.counts.contains { $0 > 0 } }
    #expect(file.sums.entries == counted && file.warnings.isEmpty)
    #expect(file.sums.texts == [run.text.text] && file.sums.chunkCount == 1 && file.sums.chunkSize == result.sums.chunkSize)
    let bytes = try folder.read("m.gguf")
    #expect(SHA256Digest(of: bytes.rawBytes) == result.digest)
    #expect(result.tensorCount == counted.count && folder.names == ["m.gguf"])
    let values = try file.values
    let entry = try #require(counted["draft/fc.fc.weight"])
    #expect(values["draft/fc.fc.weight"] == entry.sums.map { $0 / entry.counts[0] })
  }

  /// Wherever a run ends, the next one goes on to the same bytes.
  @Test(arguments: [0, 1, 2]) func aRunThatWasInterruptedGoesOn(after parts: Int) throws {
    let (folder, pair) = (try TemporaryFolder(), try TinyPair(TinyModel.Options(seed: 1)))
    _ = try CalibrationRunTests.run(pair, parts: 3).run(to: folder.path("whole.gguf"))
    var run = CalibrationRunTests.run(pair, parts: 3)
    let cancellation = run.cancellation
    var told = 0
    if parts == 0 { cancellation.cancel() }
    run.progress = { _, _ in
      told += 1
      if told == parts { cancellation.cancel() }
    }
    let error = #expect(throws: GriffinError.self) { try run.run(to: folder.path("m.gguf")) }
    #expect(error?.kind == .interrupted && error?.hints.contains { $0.contains("--resume") } == true)
    #expect(folder.names.contains("m.gguf.partial") && !folder.names.contains("m.gguf"))

    let refused = #expect(throws: GriffinError.self) { try CalibrationRunTests.run(pair, parts: 3).run(to: folder.path("m.gguf")) }
    #expect(parts == 0 || refused?.kind == .exists)
    var again = CalibrationRunTests.run(pair, parts: 3)
    (again.resume, again.threads) = (true, 2)
    var counts: [Int] = []
    again.progress = { done, _ in counts.append(done) }
    _ = try again.run(to: folder.path("m.gguf"))
    #expect(counts.count == 3 - parts, "\(counts)")
    #expect(try folder.read("m.gguf") == folder.read("whole.gguf"))
    #expect(Set(folder.names) == ["m.gguf", "whole.gguf"])
  }

  @Test func aPartialFileOfAnotherCalibrationIsLeftAlone() throws {
    let (folder, pair) = (try TemporaryFolder(), try TinyPair(TinyModel.Options(seed: 1)))
    var run = CalibrationRunTests.run(pair, parts: 3)
    let cancellation = run.cancellation
    run.progress = { _, _ in cancellation.cancel() }
    #expect(throws: GriffinError.self) { try run.run(to: folder.path("m.gguf")) }
    let left = try folder.read("m.gguf.partial")

    var others = [CalibrationRunTests.run(pair, parts: 3, first: 1), CalibrationRunTests.run(try TinyPair(TinyModel.Options(seed: 9)), parts: 3)]
    for index in others.indices {
      others[index].resume = true
      let error = #expect(throws: GriffinError.self) { try others[index].run(to: folder.path("m.gguf")) }
      #expect(error?.kind == .exists && error?.message.contains(index == 0 ? "the text differs" : "the target differs") == true)
      #expect(try folder.read("m.gguf.partial") == left)
    }
    // What was saved is damaged: it is no longer trusted, and all is read again.
    var damaged = left
    damaged[5] ^= 1
    _ = try folder.write(damaged, to: "m.gguf.partial")
    var again = CalibrationRunTests.run(pair, parts: 3)
    again.resume = true
    var count = 0
    again.progress = { _, _ in count += 1 }
    let resumed = try again.run(to: folder.path("m.gguf"))
    #expect(count == 3)
    #expect(try CalibrationRunTests.run(pair, parts: 3).run(to: folder.path("whole.gguf")).digest == resumed.digest)
  }

  @Test func matricesAreMerged() throws {
    let (folder, pair) = (try TemporaryFolder(), try TinyPair(TinyModel.Options(seed: 1)))
    let one = try CalibrationRunTests.run(pair, parts: 1).run(to: folder.path("one.gguf"))
    var run = CalibrationRunTests.run(pair, parts: 1, first: 1)
    let two = try run.run(to: folder.path("two.gguf"))
    run.merged = [try ImportanceFile(path: folder.path("one.gguf"))]
    let both = try run.run(to: folder.path("both.gguf"))
    var sum = two.sums
    try sum.add(one.sums, file: nil)
    #expect(both.sums == sum && sum.chunkCount == 2 && sum.texts.map(\.name) == ["t1.txt", "t0.txt"])
    #expect(sum.entries["draft/fc.fc.weight"]?.counts == [2 * (one.sums.entries["draft/fc.fc.weight"]?.counts[0] ?? 0)])
  }

  @Test func chunksBoundTheText() throws {
    let (folder, pair) = (try TemporaryFolder(), try TinyPair(TinyModel.Options(seed: 1)))
    var run = CalibrationRunTests.run(pair, parts: 3)
    run.chunkLimit = 2
    let bounded = try run.run(to: folder.path("a.gguf"))
    let two = try CalibrationRunTests.run(pair, parts: 2).run(to: folder.path("b.gguf"))
    #expect(bounded.sums.entries == two.sums.entries && bounded.chunks == 2)
    let none = CalibrationRun(
      target: pair.target, draft: nil, text: CalibrationText(text: ImportanceSums.Text(name: "t", digest: nil), ids: [5], beginToken: nil))
    let error = #expect(throws: GriffinError.self) { try none.run(to: folder.path("c.gguf")) }
    #expect(error?.kind == .usage && Set(folder.names) == ["a.gguf", "b.gguf"])
  }
}
