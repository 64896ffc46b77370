import Foundation
import LinearAlgebra
import Testing

@Suite struct AttentionTests {
  /// Attention in double precision over the given rows.
  private func reference(
    _ query: [Float], _ keys: [[Float]], _ values: [[Float]], heads: Int, cacheHeads: Int, dimension: Int
  ) -> [Double] {
    (0..<heads).flatMap { head -> [Double] in
      let start = head * cacheHeads / heads * dimension
      let scores = keys.map { key in
        (0..<dimension).reduce(0.0) { $0 + Double(query[head * dimension + $1]) * Double(key[start + $1]) }
          / Double(dimension).squareRoot()
      }
      let maximum = scores.max() ?? 0
      let weights = scores.map { exp($0 - maximum) }
      let total = weights.reduce(0, +)
      return (0..<dimension).map { column in
        zip(weights, values).reduce(0.0) { $0 + $1.0 * Double($1.1[start + column]) } / total
      }
    }
  }

  @Test(arguments: [(4, 4, 16), (6, 2, 20), (4, 1, 33)])
  func agreesWithDoublePrecisionAndIsTheSameEverywhere(heads: Int, cacheHeads: Int, dimension: Int) {
    var numbers = Numbers(seed: 1)
    let tokens = 300
    let keys = numbers.activations(tokens, cacheHeads * dimension)
    let values = numbers.activations(tokens, cacheHeads * dimension)
    let queries = numbers.activations(tokens, heads * dimension)
    let visible = (0..<tokens).map { VisibleRows(prefix: $0 + 1) }
    var results: Set<[UInt32]> = []
    for compute in allComputes {
      let cache = KeyValueCache(heads: cacheHeads, headDimension: dimension)
      cache.append(keys: keys, values: values)
      var y = Activations(columns: heads * dimension)
      compute.attention(
        queries, cache: cache, visible: visible, heads: heads, scale: 1 / Float(dimension).squareRoot(), into: &y)
      results.insert(y.bits)
    }
    #expect(results.count == 1)
    let cache = KeyValueCache(heads: cacheHeads, headDimension: dimension)
    cache.append(keys: keys, values: values)
    var y = Activations(columns: heads * dimension)
    Compute(threads: 2).attention(
      queries, cache: cache, visible: visible, heads: heads, scale: 1 / Float(dimension).squareRoot(), into: &y)
    let (keyRows, valueRows) = (keys.values.chunked(keys.columns), values.values.chunked(keys.columns))
    for token in [0, 1, 15, 16, 127, 128, 299] {
      let wanted = reference(
        queries.values.chunked(queries.columns)[token], Array(keyRows[...token]), Array(valueRows[...token]),
        heads: heads, cacheHeads: cacheHeads, dimension: dimension)
      let row = y.row(token)
      #expect(wanted.indices.allSatisfy { abs(Double(row[$0]) - wanted[$0]) < 2e-6 })
    }
  }

  /// A path of a tree, its nodes scattered among others, gives the bits of plain decoding one by one.
  @Test(arguments: [0, 1, 126, 200]) func scatteredTreeEqualsContiguousDecoding(prefix: Int) {
    var numbers = Numbers(seed: 2)
    let (heads, cacheHeads, dimension) = (4, 2, 24)
    let width = cacheHeads * dimension
    let keys = numbers.activations(prefix + 60, width)
    let values = numbers.activations(prefix + 60, width)
    let queries = numbers.activations(60, heads * dimension)
    // Node i's parent is i / 3; node 0 is the root.
    var paths: [[Int]] = [[0]]
    for node in 1..<60 { paths.append(paths[node / 3 == node ? 0 : (node - 1) / 3] + [node]) }
    for compute in allComputes {
      let tree = KeyValueCache(heads: cacheHeads, headDimension: dimension)
      tree.append(keys: keys, values: values)
      var all = Activations(columns: heads * dimension)
      compute.attention(
        queries, cache: tree, visible: paths.map { VisibleRows(prefix: prefix, rows: $0.map { prefix + $0 }) },
        heads: heads, scale: 0.2, into: &all)
      for node in [0, 1, 5, 17, 59] {
        let path = paths[node]
        let plain = KeyValueCache(heads: cacheHeads, headDimension: dimension)
        plain.append(keys: keys.rows(0..<prefix), values: values.rows(0..<prefix))
        var one = Activations(columns: heads * dimension)
        for step in path {
          let row = prefix + step
          plain.append(keys: keys.rows(row..<row + 1), values: values.rows(row..<row + 1))
          compute.attention(
            queries.rows(step..<step + 1), cache: plain, visible: [VisibleRows(prefix: plain.count)], heads: heads,
            scale: 0.2, into: &one)
        }
        #expect(one.bits == all.rows(node..<node + 1).bits, "\(compute.instructionSet), node \(node)")
      }
    }
  }

  @Test func keptRowsFollowThePrefix() {
    var numbers = Numbers(seed: 3)
    let keys = numbers.activations(140, 12)
    let values = numbers.activations(140, 12)
    let queries = numbers.activations(1, 12)
    let compute = Compute(threads: 1)
    let cache = KeyValueCache(heads: 3, headDimension: 4)
    cache.append(keys: keys, values: values)
    cache.keep(prefix: 120, rows: [121, 127, 128, 139])
    #expect(cache.count == 124)
    let plain = KeyValueCache(heads: 3, headDimension: 4)
    plain.append(keys: keys.rows(0..<120), values: values.rows(0..<120))
    for row in [121, 127, 128, 139] { plain.append(keys: keys.rows(row..<row + 1), values: values.rows(row..<row + 1)) }
    var a = Activations(columns: 12)
    var b = Activations(columns: 12)
    compute.attention(queries, cache: cache, visible: [VisibleRows(prefix: 124)], heads: 3, scale: 0.5, into: &a)
    compute.attention(queries, cache: plain, visible: [VisibleRows(prefix: 124)], heads: 3, scale: 0.5, into: &b)
    #expect(a.bits == b.bits)
    cache.truncate(to: 0)
    #expect(cache.count == 0)
    cache.append(keys: keys.rows(5..<6), values: values.rows(5..<6))
    compute.attention(queries, cache: cache, visible: [VisibleRows(prefix: 1)], heads: 3, scale: 0.5, into: &a)
    #expect(a.values == values.rows(5..<6).values)
    cache.clear()
    #expect(cache.count == 0)
    cache.append(keys: keys.rows(7..<8), values: values.rows(7..<8))
    compute.attention(queries, cache: cache, visible: [VisibleRows(prefix: 1)], heads: 3, scale: 0.5, into: &a)
    #expect(a.values == values.rows(7..<8).values)
  }

  @Test func extremeScoresDoNotOverflow() {
    let compute = Compute(threads: 1)
    let cache = KeyValueCache(heads: 1, headDimension: 2)
    cache.append(keys: Activations([[1e18, 0], [-1e18, 0], [0, 0]]), values: Activations([[1, 2], [3, 4], [5, 6]]))
    var y = Activations(columns: 2)
    compute.attention(
      Activations([[1e18, 0]]), cache: cache, visible: [VisibleRows(prefix: 3)], heads: 1, scale: 1, into: &y)
    #expect(y.values == [1, 2])
  }
}
