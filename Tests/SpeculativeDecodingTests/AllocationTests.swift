import CAllocations
import LinearAlgebra
import Models
import SpeculativeDecoding
import TestSupport
import Testing

/// What decoding a token allocates once buffers have grown: a few small arrays (its id, position and visible rows), and
/// nothing for a layer or an operation.
@Suite(.enabled(if: allocations_of_this_thread() >= 0, "allocations are not counted here"))
struct AllocationTests {
  /// Allocations of the calling thread for each of 60 tokens after the first few.
  private static func perToken(layers: Int, threads: Int, isWatched: Bool = false) throws -> [Int] {
    let pair = try TinyPair(TinyModel.Options(seed: 8) { $0.layers = layers })
    let source = ObservedSource(pair.target.tensors.source, watching: pair.target.tensors.bindings.map(\.index))
    source.record(isWatched)
    let target = isWatched ? pair.target.read(from: source) : pair.target
    let decoder = try PairDecoder(target: target, draft: nil, compute: Compute(threads: threads))
    try decoder.prepare(prompt: [1, 2, 3])
    var marks: [Int] = []
    marks.reserveCapacity(100)
    let settings = DecodeSettings(totalTokens: 1, depth: 0, topK: 1, maxNewTokens: 64)
    _ = try decoder.decodePlainly(settings) { _ in marks.append(allocations_of_this_thread()) }
    return zip(marks.dropFirst(4), marks.dropFirst(3)).map { $0 - $1 }
  }

  @Test(arguments: [1, 2]) func aTokenAllocatesAHandful(threads: Int) throws {
    let counts = try AllocationTests.perToken(layers: 2, threads: threads).sorted()
    // Most tokens; in some an array of ids or of rotary angles grows.
    #expect(counts[counts.count * 3 / 4] <= 8)
    #expect(counts[counts.count - 1] <= 16)
  }

  @Test(arguments: [false, true]) func aLayerAllocatesNothing(isWatched: Bool) throws {
    let few = try AllocationTests.perToken(layers: 1, threads: 1, isWatched: isWatched).sorted()
    let many = try AllocationTests.perToken(layers: 4, threads: 1, isWatched: isWatched).sorted()
    #expect(few[few.count / 2] == many[many.count / 2])
  }
}
