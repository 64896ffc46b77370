import ByteStorage
import Calibration
import Checkpoints
import Conversion
import LinearAlgebra
import TestSupport
import Testing

/// Sums of a trained pair against torch's, of the released draft's arithmetic: `scripts/check-calibration --fixtures` made them.
struct GoldenSumsTests {
  @Test func columnsAreThoseOfTorch() throws {
    let text = try Fixtures.bytes("calibration/llama2-wide.json")
    let document = try JSONValue.parse(text.rawBytes, limits: .config)
    let folder = try Fixtures.golden("llama2-wide")
    let pair = try ModelSource.pair(path: folder + "/target", draft: folder + "/draft")
    let collector = try ActivationCollector(target: pair.target, draft: pair.draft, compute: Compute(threads: 2))
    for chunk in try #require(document["chunks"]?.array) { try collector.add(try #require(chunk.array).compactMap(\.integer)) }
    let tensors = try #require(document["tensors"]?.object)
    #expect(tensors.count == 4)
    for tensor in tensors.members {
      let entry = try #require(collector.sums.entries[tensor.key])
      let means = try #require(tensor.value["means"]?.array).compactMap(\.double)
      let count = try #require(tensor.value["count"]?.integer)
      #expect(entry.counts == [Float(count)], "\(tensor.key)")
      #expect(means.count == entry.columns)
      for (column, mean) in means.enumerated() {
        let found = Double(entry.sums[column] / entry.counts[0])
        #expect(abs(found - mean) <= 0.01 * mean, "\(tensor.key), column \(column): \(found) for \(mean)")
      }
    }
  }
}
