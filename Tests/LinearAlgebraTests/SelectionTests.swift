import Foundation
import LinearAlgebra
import Testing

@Suite struct SelectionTests {
  private let compute = Compute(threads: 1)

  @Test func lowestIndexWinsAmongEquals() {
    #expect(compute.argmax([1, 3, 2, 3].span) == 1)
    #expect(compute.topK([1, 3, 2, 3, 3, 0].span, 4) == [1, 3, 4, 2])
    #expect(compute.topK([Float](repeating: 7, count: 100).span, 5) == [0, 1, 2, 3, 4])
    #expect(compute.argmax([-0.0, 0.0].span) == 0)
  }

  @Test func nanIsNeverChosen() {
    #expect(compute.argmax([.nan, 1, .nan, 2, .nan].span) == 3)
    #expect(compute.argmax([.nan, .nan].span) == 0)
    #expect(compute.argmax([Float]().span) == 0)
    #expect(compute.argmax([-.infinity, -.infinity].span) == 0)
    #expect(compute.topK([.nan, 1, .nan, 2, -.infinity].span, 9) == [3, 1, 4])
    #expect(compute.topK([1, 2].span, 0) == [])
    #expect(compute.topK([Float]().span, 3) == [])
  }

  @Test(arguments: [1, 15, 16, 17, 1000]) func agreesWithSorting(count: Int) {
    var numbers = Numbers(seed: UInt64(count))
    // Few distinct values, so that there are many ties.
    let row = (0..<count).map { _ in Float(Int.random(in: 0...50, using: &numbers)) }
    let sorted = row.indices.sorted { row[$0] != row[$1] ? row[$0] > row[$1] : $0 < $1 }
    #expect(compute.argmax(row.span) == sorted[0])
    for k in [1, 2, 10, 500, 2000] { #expect(compute.topK(row.span, k) == Array(sorted.prefix(k))) }
  }

  @Test(arguments: [1, 16, 50, 32000]) func logSoftmaxAgreesWithDoublePrecision(count: Int) {
    var numbers = Numbers(seed: 9)
    let row = (0..<count).map { _ in numbers.float(in: -30...30) }
    let maximum = Double(row.max() ?? 0)
    let logarithm = maximum + log(row.reduce(0.0) { $0 + exp(Double($1) - maximum) })
    var results: Set<[UInt32]> = []
    for compute in allComputes {
      var output = [Float](repeating: 0, count: count)
      var span = output.mutableSpan
      compute.logSoftmax(row.span, into: &span)
      results.insert(output.map(\.bitPattern))
      #expect(zip(output, row).allSatisfy { abs(Double($0) - (Double($1) - logarithm)) < 4e-6 })
    }
    #expect(results.count == 1)
  }

  @Test func logSoftmaxOfUnusualRows() {
    var output = [Float](repeating: 0, count: 3)
    var span = output.mutableSpan
    compute.logSoftmax([-.infinity, 5, -.infinity].span, into: &span)
    #expect(span[0] == -.infinity && span[1] == 0 && span[2] == -.infinity)
    compute.logSoftmax([.nan, 5, 1].span, into: &span)
    #expect(span[1].isNaN)
    var none = [Float]()
    var empty = none.mutableSpan
    compute.logSoftmax([Float]().span, into: &empty)
    #expect(none.isEmpty)
  }
}
