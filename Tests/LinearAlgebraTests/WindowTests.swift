import Foundation
import LinearAlgebra
import Testing

/// Attention through a sliding window, and what goes with families of models.
@Suite struct WindowTests {
  @Test func windowsKeepTheLastLogicalPositions() {
    let seen = VisibleRows(prefix: 10, rows: [12, 15, 19])
    #expect(seen.count == 13)
    #expect(seen.last(13) == seen && seen.last(100) == seen)
    #expect(seen.last(12) == VisibleRows(prefix: 10, rows: [12, 15, 19], start: 1))
    #expect(seen.last(4) == VisibleRows(prefix: 10, rows: [12, 15, 19], start: 9))
    #expect(seen.last(3) == VisibleRows(prefix: 10, rows: [12, 15, 19], start: 10))
    #expect(seen.last(2) == VisibleRows(prefix: 10, rows: [15, 19], start: 10))
    #expect(seen.last(1) == VisibleRows(prefix: 10, rows: [19], start: 10))
    #expect(seen.last(2).count == 2 && seen.last(12).last(3) == seen.last(3))
  }

  /// A window gives the bits of a cache that holds nothing else.
  @Test(arguments: [1, 3, 16, 100, 129, 200]) func whatLiesOutsideIsNotThere(size: Int) {
    var numbers = Numbers(seed: 4)
    let (heads, cacheHeads, dimension) = (4, 2, 24)
    let keys = numbers.activations(290, cacheHeads * dimension)
    let values = numbers.activations(290, cacheHeads * dimension)
    let queries = numbers.activations(20, heads * dimension)
    var results: Set<[UInt32]> = []
    for compute in allComputes {
      let whole = KeyValueCache(heads: cacheHeads, headDimension: dimension)
      whole.append(keys: keys, values: values)
      // Tokens with rows of a tree: every third row after the prefix.
      let visible = (0..<20).map { VisibleRows(prefix: 200 + $0, rows: [230 + 3 * $0]).last(size) }
      var all = Activations(columns: heads * dimension)
      compute.attention(queries, cache: whole, visible: visible, heads: heads, scale: 0.2, into: &all)
      results.insert(all.bits)
      for token in [0, 7, 19] {
        let alone = KeyValueCache(heads: cacheHeads, headDimension: dimension)
        let rows = (Array(0..<200 + token) + [230 + 3 * token]).suffix(size)
        for row in rows { alone.append(keys: keys.rows(row..<row + 1), values: values.rows(row..<row + 1)) }
        var one = Activations(columns: heads * dimension)
        compute.attention(
          queries.rows(token..<token + 1), cache: alone, visible: [VisibleRows(prefix: alone.count)], heads: heads, scale: 0.2,
          into: &one)
        #expect(one.bits == all.rows(token..<token + 1).bits, "\(compute.instructionSet), token \(token)")
      }
    }
    #expect(results.count == 1)
  }

  @Test func routersChooseTheBestAndWeighThemToOne() {
    let compute = Compute(threads: 1)
    let logits: [Float] = [0.5, 2, -1, 2.5, .nan, 0]
    let chosen = compute.chosenExperts(logits.span, count: 3)
    #expect(chosen.map(\.expert) == [3, 1, 0])
    let exponentials = [2.5, 2, 0.5].map { exp($0) }
    #expect(chosen.allSatisfy { $0.weight.isNaN }, "what is not a number stays visible")
    let clean = compute.chosenExperts([0.5, 2, -1, 2.5, 0].span, count: 3)
    #expect(clean.map(\.expert) == [3, 1, 0] && abs(clean.reduce(0) { $0 + $1.weight } - 1) < 1e-6)
    for (choice, exponential) in zip(clean, exponentials) {
      #expect(abs(Double(choice.weight) - exponential / exponentials.reduce(0, +)) < 1e-6)
    }
    #expect(compute.chosenExperts([1, 3, 3, 3].span, count: 2).map(\.expert) == [1, 2], "ties go to the lower index")
    #expect(compute.chosenExperts([Float.nan, .nan].span, count: 1).isEmpty)
    let huge = compute.chosenExperts([3e38, -3e38].span, count: 1)
    #expect(huge.map(\.expert) == [0] && huge.map(\.weight) == [1])
  }

  @Test func weightedRowsAreAddedWhereTheyBelong() {
    let compute = Compute(threads: 1)
    var y = Activations([[1, 1, 1], [2, 2, 2], [3, 3, 3]])
    compute.add(Activations([[1, 2, 4], [10, 20, 40]]), times: [0.5, -1], toRows: [2, 0], of: &y)
    #expect(y.values == [-9, -19, -39, 2, 2, 2, 3.5, 4, 5])
    compute.clear(&y)
    #expect(y.values == [Float](repeating: 0, count: 9))
  }

  @Test func tablesMayHaveFrequenciesForEachPosition() {
    let table = RotaryTable(pairs: 1) { position in [position < 2 ? 1 : 0.5] }
    let compute = Compute(threads: 1)
    for position in [3, 1, 0, 2] {
      var x = Activations([[1, 0]])
      compute.rope(&x, heads: 1, headDimension: 2, positions: [position], table: table)
      let angle = Double(position) * (position < 2 ? 1 : 0.5)
      #expect(abs(Double(x.row(0)[0]) - cos(angle)) < 1e-7 && abs(Double(x.row(0)[1]) - sin(angle)) < 1e-7)
    }
  }
}
