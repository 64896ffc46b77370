internal import CKernels

extension Compute {
  /// Scaled dot-product attention of every token over its visible rows.
  ///
  /// Sums run over logical positions in order, so the bits are those of plain causal decoding
  /// wherever the rows sit in the cache.
  /// - Parameters:
  ///   - queries: `[tokens, heads * cache.headDimension]`, rotated.
  ///   - cache: Keys and values, those of these tokens included.
  ///   - visible: One for each token, not empty.
  ///   - heads: Query heads, a multiple of the cache's heads; consecutive ones share a head of the cache.
  ///   - scale: Factor of the scores, usually `1 / sqrt(headDimension)`.
  ///   - y: Of the shape of `queries`; its token count is set.
  public func attention(
    _ queries: borrowing Activations, cache: KeyValueCache, visible: [VisibleRows], heads: Int, scale: Float,
    into y: inout Activations
  ) {
    precondition(
      queries.columns == heads * cache.headDimension && y.columns == queries.columns && heads % cache.heads == 0,
      "matrix shapes do not fit")
    precondition(visible.count == queries.tokens, "visible rows for each token")
    let rows = cache.count
    for seen in visible {
      precondition(
        seen.count > 0 && seen.start >= 0 && seen.start <= seen.prefix && seen.prefix <= rows
          && seen.rows.allSatisfy { $0 >= 0 && $0 < rows },
        "a token sees at least one row, and only rows of the cache")
    }
    y.resize(tokens: queries.tokens)
    let pass = unsafe Attention(
      cache: cache, visible: visible, heads: heads, scale: scale, queries: queries.base, output: y.base,
      stride: y.stride, kernels: kernels, multiplyRows: floatKernels.multiply_few,
      scratch: scratch)
    // Up to 16 pairs share the rows of one head; ranges never cross heads.
    let pairs = queries.tokens * (heads / cache.heads)
    let parts = (pairs + 15) / 16
    let cacheHeads = cache.heads
    let work = visible.reduce(0) { $0 + $1.count } * queries.columns * 2
    share(parts * cacheHeads, step: 1, work: work) { items in
      for item in items {
        let (head, part) = item.quotientAndRemainder(dividingBy: parts)
        pass.attend(pairs * part / parts..<pairs * (part + 1) / parts, cacheHead: head)
      }
    }
  }
}
