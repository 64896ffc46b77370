#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension Compute {
  /// The index of the largest value, the lowest where several are equal. NaN counts as smaller
  /// than everything; an empty row, or one of NaN alone, gives 0.
  public func argmax(_ row: Span<Float>) -> Int {
    var best = 0
    var maximum = -Float.infinity
    for index in row.indices where row[index] > maximum { (best, maximum) = (index, row[index]) }
    return best
  }

  /// The indices of the `k` largest values, largest first, lower index first among equals.
  /// NaN values are never chosen, so there may be fewer than `k`.
  public func topK(_ row: Span<Float>, _ k: Int) -> [Int] {
    var candidates: [(value: Float, index: Int)] = []
    for index in row.indices where !row[index].isNaN { candidates.append((row[index], index)) }
    candidates.sort { $0.value != $1.value ? $0.value > $1.value : $0.index < $1.index }
    return candidates.prefix(max(k, 0)).map(\.index)
  }

  /// The logarithm of the softmax: `output = row - log(sum(exp(row)))`, summed in double precision.
  public func logSoftmax(_ row: Span<Float>, into output: inout MutableSpan<Float>) {
    precondition(row.count == output.count, "spans of \(row.count) and \(output.count) floats")
    var maximum = -Float.infinity
    for index in row.indices where row[index] > maximum { maximum = row[index] }
    var sum = 0.0
    for index in row.indices { sum += Double(exponential(row[index] - maximum)) }
    let logarithm = Double(maximum) + log(sum)
    for index in row.indices { output[index] = Float(Double(row[index]) - logarithm) }
  }
}
