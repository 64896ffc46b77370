internal import ByteStorage

/// What a sample of a plane's bytes says of the work that is worth while on it. Whole numbers alone, so that every machine decides alike.
package struct PlaneStatistics: Sendable, Hashable {
  /// Whether Huffman codes would gain about a percent or more.
  package let isUneven: Bool
  /// Whether one value has three quarters of the bytes or more, which matches serve better than codes of a bit and more.
  package let isSkewed: Bool

  private static let pieces = 16
  private static let pieceByteCount = 2048
  /// Planes with fewer bytes than this are tried without a look.
  private static let least = 256

  /// - Parameter plane: Not empty.
  package init(_ plane: RawSpan) {
    guard plane.byteCount >= PlaneStatistics.least else {
      (isUneven, isSkewed) = (true, false)
      return
    }
    var counts = [UInt32](repeating: 0, count: 256)
    let count = PlaneStatistics.count(plane, &counts)
    // Of two bytes drawn at random, how often are they equal? Of even ones 1 time in 256.
    let equal = counts.reduce(0) { $0 + Int($1) * (Int($1) - 1) }
    isUneven = equal * 256 * 100 >= count * (count - 1) * 112
    isSkewed = Int(counts.max() ?? 0) * 4 >= count * 3
  }

  private static func count(_ plane: RawSpan, _ counts: inout [UInt32]) -> Int {
    var span = counts.mutableSpan
    guard plane.byteCount > pieces * pieceByteCount else {
      for index in 0..<plane.byteCount { span[Int(plane[index])] += 1 }
      return plane.byteCount
    }
    let step = (plane.byteCount - pieceByteCount) / (pieces - 1)
    for piece in 0..<pieces {
      for index in piece * step..<piece * step + pieceByteCount { span[Int(plane[index])] += 1 }
    }
    return pieces * pieceByteCount
  }
}
