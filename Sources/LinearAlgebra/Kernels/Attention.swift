internal import CKernels

/// One attention pass while it runs: memory that is borrowed for the duration of the call.
///
/// Sound: the caller holds matrices and cache until all threads are done, nobody writes the cache
/// meanwhile, visible rows were checked, and one thread alone writes a head of a token.
@safe struct Attention: @unchecked Sendable {  // see above
  let cache: KeyValueCache
  let visible: [VisibleRows]
  let heads: Int
  let scale: Float
  let queries: UnsafePointer<Float>
  let output: UnsafeMutablePointer<Float>
  /// Of both matrices.
  let stride: Int
  let kernels: ck_kernels
  let multiplyRows: ck_multiply_few
  let scratch: Scratch

  /// Computes some of the (token, head) pairs that share a head of the cache, tokens ascending.
  ///
  /// Blocks of the cache are the outer loop, so that a block is read once for all pairs; each pair's
  /// sums still run over its logical positions in order.
  func attend(_ pairs: Range<Int>, cacheHead: Int) {
    let width = cache.rowStride
    let group = heads / cache.heads
    let positions = roundedToLanes(pairs.reduce(0) { max($0, visible[$1 / group].count) })
    let floats = pairs.count * (positions + 2 * width)
    unsafe scratch.withFloats(floats) { base in
      let copies = unsafe base + pairs.count * positions
      let sums = unsafe copies + pairs.count * width
      unsafe copies.initialize(repeating: 0, count: 2 * pairs.count * width)
      for (index, pair) in pairs.enumerated() {
        unsafe (copies + index * width).update(from: queries + place(pair, cacheHead), count: cache.headDimension)
      }
      forEachRun(of: pairs) { index, position, row, count in
        unsafe multiplyRows(
          cache.key(row, head: cacheHead), width * MemoryLayout<Float>.stride, count, width,
          copies + index * width, 0, 1, base + index * positions + position, 0)
      }
      for (index, pair) in pairs.enumerated() {
        let total = unsafe kernels.softmax(base + index * positions, visible[pair / group].count, scale)
        // The sum of the weights waits where the query was.
        unsafe copies[index * width] = total
      }
      forEachRun(of: pairs) { index, position, row, count in
        unsafe kernels.add_weighted_rows(
          base + index * positions + position, cache.value(row, head: cacheHead), width, count, width,
          sums + index * width)
      }
      for (index, pair) in pairs.enumerated() {
        let total = unsafe copies[index * width]
        for column in 0..<cache.headDimension {
          unsafe output[place(pair, cacheHead) + column] = sums[index * width + column] / total
        }
      }
    }
  }

  /// Where a pair's query and output are.
  private func place(_ pair: Int, _ cacheHead: Int) -> Int {
    let group = heads / cache.heads
    return pair / group * stride + (cacheHead * group + pair % group) * cache.headDimension
  }

  /// Calls `body` for runs of rows that lie together, for each pair in logical order: the pair's
  /// index within `pairs`, the first logical position, the first cache row and their number.
  private func forEachRun(of pairs: Range<Int>, _ body: (Int, Int, Int, Int) -> Void) {
    let group = heads / cache.heads
    let longest = pairs.reduce(0) { max($0, visible[$1 / group].prefix) }
    let first = pairs.reduce(longest) { min($0, visible[$1 / group].start) } / KeyValueCache.blockRows * KeyValueCache.blockRows
    for block in Swift.stride(from: first, to: longest, by: KeyValueCache.blockRows) {
      for (index, pair) in pairs.enumerated() {
        let seen = visible[pair / group]
        let (start, end) = (max(block, seen.start), min(block + KeyValueCache.blockRows, seen.prefix))
        if start < end { body(index, start - seen.start, start, end - start) }
      }
    }
    for (index, pair) in pairs.enumerated() {
      let seen = visible[pair / group]
      for (offset, row) in seen.rows.enumerated() { body(index, seen.prefix - seen.start + offset, row, 1) }
    }
  }
}
