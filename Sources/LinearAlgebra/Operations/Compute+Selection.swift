internal import CKernels

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension Compute {
  /// The index of the largest value, the lowest where several are equal. NaN counts as smaller
  /// than everything; an empty row, or one of NaN alone, gives 0.
  public func argmax(_ row: Span<Float>) -> Int {
    let maximum = maximum(row)
    return row.indices.first { row[$0] == maximum } ?? 0
  }

  /// The indices of the `k` largest values, largest first, lower index first among equals.
  /// NaN values are never chosen, so there may be fewer than `k`.
  public func topK(_ row: Span<Float>, _ k: Int) -> [Int] {
    guard k > 0 else { return [] }
    var best: [(value: Float, index: Int)] = []
    // What a value must exceed to be chosen, once `k` are.
    var bar = -Float.infinity
    forEachGroup(of: row) { start, group in
      if best.count == k && !any(group .> bar) { return }
      for index in start..<min(start + laneCount, row.count) {
        let value = row[index]
        guard best.count < k ? !value.isNaN : value > bar else { continue }
        if best.count == k { best.removeLast() }
        // After all that are at least as large: those have lower indices.
        var (low, high) = (0, best.count)
        while low < high {
          let middle = (low + high) / 2
          if best[middle].value >= value { low = middle + 1 } else { high = middle }
        }
        best.insert((value, index), at: low)
        if best.count == k { bar = best[k - 1].value }
      }
    }
    return best.map(\.index)
  }

  /// The logarithm of the softmax: `output = row - log(sum(exp(row)))`, summed in double precision.
  public func logSoftmax(_ row: Span<Float>, into output: inout MutableSpan<Float>) {
    precondition(row.count == output.count, "spans of \(row.count) and \(output.count) floats")
    let maximum = maximum(row)
    let sum = unsafe row.withUnsafeBufferPointer { buffer -> Double in
      // The kernel reads the buffer's floats and nothing else.
      guard let start = buffer.baseAddress else { return 0 }
      return unsafe kernels.sum_exponentials(start, buffer.count, maximum)
    }
    let logarithm = Double(maximum) + log(sum)
    for index in row.indices { output[index] = Float(Double(row[index]) - logarithm) }
  }

  /// The largest value that is not NaN; negative infinity where there is none.
  private func maximum(_ row: Span<Float>) -> Float {
    var lanes = SIMD16<Float>(repeating: -.infinity)
    forEachGroup(of: row) { _, group in lanes.replace(with: group, where: group .> lanes) }
    return lanes.max()
  }

  /// Calls `body` with each group of 16 values and where it starts; the last is filled with negative infinity.
  private func forEachGroup(of row: Span<Float>, _ body: (Int, SIMD16<Float>) -> Void) {
    unsafe row.withUnsafeBytes { bytes in
      let whole = row.count / laneCount * laneCount
      for start in stride(from: 0, to: whole, by: laneCount) {
        // Bounds-checked, and every bit pattern is a float.
        body(start, unsafe bytes.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self))
      }
      guard whole < row.count else { return }
      var group = SIMD16<Float>(repeating: -.infinity)
      for index in whole..<row.count { group[index - whole] = row[index] }
      body(whole, group)
    }
  }
}
