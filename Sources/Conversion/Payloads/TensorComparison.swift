internal import Bundles
internal import ByteStorage
internal import Synchronization
internal import Tensors

/// Compares two tensors row by row, in bounded memory.
struct TensorComparison: Sendable {
  let left: StoredTensor
  let right: StoredTensor
  /// Whether it is enough to know that something differs.
  let stopsAtFirstDifference: Bool

  /// Counts the rows that are not even near each other, where that is asked for.
  let unlike: RowCount?

  /// Bytes of one side that a thread reads at a time, unless a row is longer.
  private static let chunkByteCount = 1 << 20

  init(_ left: StoredTensor, _ right: StoredTensor, stopsAtFirstDifference: Bool, unlike: RowCount? = nil) {
    (self.left, self.right, self.stopsAtFirstDifference, self.unlike) = (left, right, stopsAtFirstDifference, unlike)
  }

  /// Whether the two can be equal at all, by shape and type. Types that are not plain floats are compared by bits only.
  private var isComparable: Bool {
    let (left, right) = (left.descriptor, right.descriptor)
    guard left.shape == right.shape else { return false }
    return left.type == right.type || (FloatWidening(left.type) != nil && FloatWidening(right.type) != nil)
  }

  /// Bytes that will be read.
  var byteCount: Int { isComparable ? left.descriptor.byteCount + right.descriptor.byteCount : 0 }

  private struct Buffers: ~Copyable {
    var left: ByteBuffer
    var right: ByteBuffer
  }

  /// - Returns: `identical`, `converted` or `different`; after an early stop with fewer rows than really differ.
  func run(threads: Int, cancellation: Cancellation, meter: ProgressMeter) throws(GriffinError) -> EmbeddingRelation {
    let shape = left.descriptor.shape
    guard isComparable else { return .different(rows: max(shape.rowCount, 1)) }
    let sameType = left.descriptor.type == right.descriptor.type
    guard shape.elementCount > 0 else { return sameType ? .identical : .converted }
    let (leftRow, rightRow) = (left.descriptor.byteCount / shape.rowCount, right.descriptor.byteCount / shape.rowCount)
    let rowsPerChunk = max(1, TensorComparison.chunkByteCount / max(leftRow, rightRow))
    let chunkCount = (shape.rowCount + rowsPerChunk - 1) / rowsPerChunk
    let differing = Atomic(0)

    try Workers.run(
      threads, jobs: chunkCount,
      makeState: { Buffers(left: ByteBuffer(byteCount: rowsPerChunk * leftRow), right: ByteBuffer(byteCount: rowsPerChunk * rightRow)) }
    ) { chunk, buffers throws(GriffinError) in
      try cancellation.check()
      if stopsAtFirstDifference && differing.load(ordering: .relaxed) > 0 { return }
      let start = chunk * rowsPerChunk
      let rows = min(rowsPerChunk, shape.rowCount - start)
      var leftBytes = buffers.left.mutablePrefix(rows * leftRow)
      try left.read(at: start * leftRow, into: &leftBytes)
      var rightBytes = buffers.right.mutablePrefix(rows * rightRow)
      try right.read(at: start * rightRow, into: &rightBytes)
      let count = countDifferingRows(
        buffers.left.bytes.extracting(0..<rows * leftRow), buffers.right.bytes.extracting(0..<rows * rightRow), rows: rows)
      differing.add(count, ordering: .relaxed)
      meter.add(rows * (leftRow + rightRow))
    }
    let rows = differing.load(ordering: .relaxed)
    return rows > 0 ? .different(rows: rows) : sameType ? .identical : .converted
  }

  private func countDifferingRows(_ left: RawSpan, _ right: RawSpan, rows: Int) -> Int {
    if left.byteCount == right.byteCount && left.equals(right) { return 0 }
    let (leftRow, rightRow) = (left.byteCount / rows, right.byteCount / rows)
    let (leftType, rightType) = (self.left.descriptor.type, self.right.descriptor.type)
    return (0..<rows).count { row in
      let (one, other) = (
        left.extracting(row * leftRow..<(row + 1) * leftRow), right.extracting(row * rightRow..<(row + 1) * rightRow)
      )
      if leftType == rightType, one.equals(other) { return false }
      guard let leftWidening = FloatWidening(leftType), let rightWidening = FloatWidening(rightType) else { return true }
      if leftType != rightType, leftWidening.equal(one, rightWidening, other) { return false }
      if let unlike, !leftWidening.isNear(one, rightWidening, other) { unlike.add() }
      return true
    }
  }
}
