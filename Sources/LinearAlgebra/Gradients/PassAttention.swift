internal import COpenBLAS
internal import CKernels

/// The attention of drafting in several passes over whole texts, and its gradient.
///
/// In pass `j` a query at row `s` sees row `s` of pass `j`, row `s - 1` of pass `j - 1` and so on, and from row `s - j + 1` back
/// those of the first pass: what decoding has in its cache when it drafts its `j`-th token. Later rows are masked with minus infinity.
///
/// - Source: HASS (arXiv 2408.15766), section 3.2, with the mask that decoding has.
@safe public struct PassAttention: Sendable {
  public let heads: Int
  public let keyHeads: Int
  public let headDimension: Int
  /// The rows of each text; texts do not see each other.
  public let texts: [Range<Int>]
  private let scale: Float

  public init(heads: Int, keyHeads: Int, headDimension: Int, texts: [Range<Int>]) {
    precondition(heads % keyHeads == 0, "\(heads) heads do not share \(keyHeads)")
    (self.heads, self.keyHeads, self.headDimension, self.texts) = (heads, keyHeads, headDimension, texts)
    scale = 1 / Float(headDimension).squareRoot()
  }

  /// The attention of the last of some passes.
  /// - Parameter passes: The first pass first.
  /// - Returns: `[rows, heads * head_dim]`.
  public func forward(_ passes: [AttentionPass], _ compute: Compute) -> Activations {
    let newest = passes[passes.count - 1]
    check(newest)
    let result = Activations(tokens: newest.queries.tokens, columns: newest.queries.columns)
    nonisolated(unsafe) let output = unsafe result.base
    let stride = result.stride
    unsafe forEachHead(compute, buffers: 1) { rows, head, buffer in
      let query = unsafe newest.queries.base + rows.lowerBound * newest.queries.stride + head * headDimension
      unsafe probabilities(passes, query, rows, head, buffer, compute)
      let target = unsafe output + rows.lowerBound * stride + head * headDimension
      let column = head / (heads / keyHeads) * headDimension
      // What near rows have is taken out of the product with the first pass and added from their own.
      forEachNear(rows.count, passes.count) { row, back, pass in
        let place = unsafe buffer + row * rows.count + row - back
        let weight = unsafe place.pointee
        unsafe place.pointee = 0
        let value = unsafe passes[pass].values.base + (rows.lowerBound + row - back) * passes[pass].values.stride + column
        for index in 0..<headDimension { unsafe target[row * stride + index] += weight * value[index] }
      }
      let values = unsafe passes[0].values.base + rows.lowerBound * passes[0].values.stride + column
      unsafe multiply(buffer, rows.count, .plain, values, passes[0].values.stride, into: target, stride, rows.count)
    }
    return result
  }

  /// The gradient of the last of some passes: that of its queries is returned, those of keys and values are added to all passes.
  /// - Parameter gradient: Of what `forward` returned.
  public func backward(_ passes: [AttentionPass], _ gradient: borrowing Activations, _ compute: Compute) -> Activations {
    let newest = passes[passes.count - 1]
    check(newest)
    let result = Activations(tokens: newest.queries.tokens, columns: newest.queries.columns)
    nonisolated(unsafe) let (output, over) = unsafe (result.base, gradient.base)
    let (stride, given) = (result.stride, gradient.stride)
    unsafe forEachHead(compute, buffers: 2) { rows, head, buffer in
      let (count, first) = (rows.count, passes[0])
      let column = head / (heads / keyHeads) * headDimension
      let query = unsafe newest.queries.base + rows.lowerBound * newest.queries.stride + head * headDimension
      let queryGradient = unsafe output + rows.lowerBound * stride + head * headDimension
      let above = unsafe over + rows.lowerBound * given + head * headDimension
      func place(_ matrix: borrowing Activations) -> UnsafeMutablePointer<Float> { unsafe matrix.base + rows.lowerBound * matrix.stride + column }
      let (weights, scores) = unsafe (buffer, buffer + count * count)
      unsafe probabilities(passes, query, rows, head, weights, compute)
      // Of the probabilities, then of the scores.
      unsafe cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(count), blasint(count), blasint(headDimension), 1, above, blasint(given),
        place(first.values), blasint(first.values.stride), 0, scores, blasint(count))
      forEachNear(count, passes.count) { row, back, pass in
        let value = unsafe place(passes[pass].values) + (row - back) * passes[pass].values.stride
        unsafe scores[row * count + row - back] = dot(above + row * given, value)
      }
      for row in 0..<count {
        let (p, d) = unsafe (weights + row * count, scores + row * count)
        var mean = 0.0
        for index in 0...row { unsafe mean += Double(p[index]) * Double(d[index]) }
        for index in 0...row { unsafe d[index] = p[index] * (d[index] - Float(mean)) * scale }
        for index in row + 1..<max(count, row + 1) { unsafe d[index] = 0 }
      }
      forEachNear(count, passes.count) { row, back, pass in
        let (near, other) = (passes[pass], row - back)
        let (p, d) = unsafe (weights + row * count + other, scores + row * count + other)
        let (key, keyGradient) = unsafe (place(near.keys) + other * near.keys.stride, place(near.keyGradient) + other * near.keyGradient.stride)
        let valueGradient = unsafe place(near.valueGradient) + other * near.valueGradient.stride
        for index in 0..<headDimension {
          unsafe queryGradient[row * stride + index] += d.pointee * key[index]
          unsafe keyGradient[index] += d.pointee * query[row * newest.queries.stride + index]
          unsafe valueGradient[index] += p.pointee * above[row * given + index]
        }
        unsafe (p.pointee, d.pointee) = (0, 0)
      }
      unsafe multiply(scores, count, .plain, place(first.keys), first.keys.stride, into: queryGradient, stride, count)
      unsafe multiply(
        scores, count, .transposed, query, newest.queries.stride, into: place(first.keyGradient), first.keyGradient.stride, count)
      unsafe multiply(weights, count, .transposed, above, given, into: place(first.valueGradient), first.valueGradient.stride, count)
    }
    return result
  }

  private func check(_ pass: AttentionPass) {
    precondition(
      pass.queries.columns == heads * headDimension && pass.keys.columns == keyHeads * headDimension
        && texts.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= pass.queries.tokens }, "matrix shapes do not fit")
  }

  /// Calls `body` for every text and query head; heads that share keys are one thread's, which alone writes their gradients.
  private func forEachHead(
    _ compute: Compute, buffers: Int, _ body: @Sendable (_ rows: Range<Int>, _ head: Int, _ buffer: UnsafeMutablePointer<Float>) -> Void
  ) {
    Compute.useOneThread
    let group = heads / keyHeads
    compute.pool.forEach(texts.count * keyHeads) { job in
      let rows = texts[job / keyHeads]
      guard !rows.isEmpty else { return }
      let buffer = UnsafeMutablePointer<Float>.allocate(capacity: buffers * rows.count * rows.count)
      defer { unsafe buffer.deallocate() }
      for head in job % keyHeads * group..<(job % keyHeads + 1) * group { unsafe body(rows, head, buffer) }
    }
  }

  /// Calls `body` for every row that a query sees in a later pass than the first: the query's row, how far back, and the pass.
  private func forEachNear(_ rows: Int, _ passes: Int, _ body: (_ row: Int, _ back: Int, _ pass: Int) -> Void) {
    for row in 0..<rows {
      for back in 0..<min(passes - 1, row + 1) { body(row, back, passes - 1 - back) }
    }
  }

  /// The attention of a head, `[rows, rows]`: zero beyond the row itself.
  private func probabilities(
    _ passes: [AttentionPass], _ query: UnsafePointer<Float>, _ rows: Range<Int>, _ head: Int, _ buffer: UnsafeMutablePointer<Float>,
    _ compute: Compute
  ) {
    let (count, first) = (rows.count, passes[0])
    let stride = passes[passes.count - 1].queries.stride
    let column = head / (heads / keyHeads) * headDimension
    let keys = unsafe first.keys.base + rows.lowerBound * first.keys.stride + column
    unsafe cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, blasint(count), blasint(count), blasint(headDimension), 1, query, blasint(stride),
      keys, blasint(first.keys.stride), 0, buffer, blasint(count))
    forEachNear(count, passes.count) { row, back, pass in
      let key = unsafe passes[pass].keys.base + (rows.lowerBound + row - back) * passes[pass].keys.stride + column
      unsafe buffer[row * count + row - back] = dot(query + row * stride, key)
    }
    for row in 0..<count {
      let scores = unsafe buffer + row * count
      let total = unsafe compute.kernels.softmax(scores, row + 1, scale)
      for index in 0...row { unsafe scores[index] /= total }
      for index in row + 1..<max(count, row + 1) { unsafe scores[index] = 0 }
    }
  }

  private func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
    var sum: Float = 0
    for index in 0..<headDimension { unsafe sum += a[index] * b[index] }
    return sum
  }

  /// `y += a · b` of a square matrix by a head's columns.
  private func multiply(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ order: MatrixOrder, _ b: UnsafePointer<Float>, _ bStride: Int,
    into y: UnsafeMutablePointer<Float>, _ yStride: Int, _ rows: Int
  ) {
    unsafe cblas_sgemm(
      CblasRowMajor, order == .plain ? CblasNoTrans : CblasTrans, CblasNoTrans, blasint(rows), blasint(headDimension), blasint(rows), 1,
      a, blasint(aStride), b, blasint(bStride), 1, y, blasint(yStride))
  }
}
