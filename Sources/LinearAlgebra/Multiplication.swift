internal import CKernels
internal import Tensors

/// One matrix product while it runs: memory that is borrowed for the duration of the call.
///
/// Sound: pointers come from spans and matrices that the caller holds until all threads are done;
/// shapes were checked before; a range of rows is computed by one thread, which alone writes those
/// columns of `y`.
@safe struct Multiplication: @unchecked Sendable {  // see above
  let decoder: RowDecoder
  let bytes: UnsafeRawPointer
  let rowBytes: Int
  let columns: Int
  let x: UnsafePointer<Float>
  let xStride: Int
  let tokens: Int
  let y: UnsafeMutablePointer<Float>
  let yStride: Int
  let kernels: ck_kernels
  let rowKernels: ck_row_kernels?

  /// Rows whose decoded panels, with a tile of tokens, stay in the first-level cache.
  static let panelRows = 8
  /// Tokens whose sums stay in the second-level cache.
  private static let tokenBlock = 64
  /// Rows that many tokens pass by for each panel of columns: the more, the seldomer tokens leave the second-level cache
  /// and come back, but their sums must stay in it too.
  private static let groupRows = 32

  /// Dot products of one token, straight from the stored bytes; false where the type has no kernel for it.
  func multiplyOne(_ rows: Range<Int>) -> Bool {
    guard tokens == 1, let rowKernels = rowKernels else { return false }
    unsafe rowKernels.multiply_one(bytes + rows.lowerBound * rowBytes, rowBytes, rows.count, columns, x, y + rows.lowerBound)
    return true
  }

  /// Dot products of all tokens, which share decoded rows but never sums.
  func multiply(_ rows: Range<Int>) {
    let blocks = (tokens + Multiplication.tokenBlock - 1) / Multiplication.tokenBlock
    let block = (tokens + blocks - 1) / blocks
    // Few tokens stay in the cache whatever the order; rows are then read from start to end.
    let group = tokens > 16 ? Multiplication.groupRows : Multiplication.panelRows
    let panelFloats = Multiplication.panelRows * panelColumns
    let sumFloats = group * block * laneCount
    unsafe withUnsafeTemporaryAllocation(byteCount: (panelFloats + sumFloats) * 4, alignment: 64) { scratch in
      let floats = unsafe scratch.bindMemory(to: Float.self)
      let panel = unsafe floats.baseAddress! + 0
      let sums = unsafe panel + panelFloats
      // Rows that are there only to fill a tile repeat an earlier panel, which must be of numbers from the start.
      unsafe panel.initialize(repeating: 0, count: panelFloats)
      for firstRow in stride(from: rows.lowerBound, to: rows.upperBound, by: group) {
        let part = firstRow..<min(firstRow + group, rows.upperBound)
        for firstToken in stride(from: 0, to: tokens, by: block) {
          let tokens = firstToken..<min(firstToken + block, tokens)
          unsafe multiply(part, tokens, panel, sums, next: part.upperBound < rows.upperBound ? part.upperBound : nil)
        }
      }
    }
  }

  /// The dot products of a few rows and tokens. `next`: the row that comes after them, if any.
  private func multiply(
    _ rows: Range<Int>, _ tokens: Range<Int>, _ panel: UnsafeMutablePointer<Float>, _ sums: UnsafeMutablePointer<Float>,
    next: Int?
  ) {
    let panelRows = Multiplication.panelRows
    let panelSums = panelRows * tokens.count * laneCount
    unsafe sums.initialize(repeating: 0, count: (rows.count + panelRows - 1) / panelRows * panelSums)
    for first in stride(from: 0, to: columns, by: panelColumns) {
      let count = min(panelColumns, columns - first)
      let padded = roundedToLanes(count)
      for row in stride(from: rows.lowerBound, to: rows.upperBound, by: panelRows) {
        let rowCount = min(panelRows, rows.upperBound - row)
        for index in 0..<rowCount {
          let values = unsafe panel + index * panelColumns
          unsafe decode(row + index, first, count, values)
          unsafe (values + count).update(repeating: 0, count: padded - count)
        }
        // The panel after this one: further rows, then further columns, then the first columns of the rows after them.
        // It is only asked for, which past the end of the weights does nothing.
        var ahead: UnsafeRawPointer?
        if row + panelRows < rows.upperBound {
          unsafe ahead = start(row + panelRows, first)
        } else if first + count < columns {
          unsafe ahead = start(rows.lowerBound, first + count)
        } else if let next {
          unsafe ahead = start(next, 0)
        }
        unsafe kernels.multiply_panel(
          panel, (rowCount + 3) / 4 * 4, x + tokens.lowerBound * xStride + first, xStride, tokens.count, padded,
          sums + (row - rows.lowerBound) / panelRows * panelSums, ahead, rowBytes, panelBytes)
      }
    }
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: panelRows) {
      unsafe kernels.fold(
        sums + (row - rows.lowerBound) / panelRows * panelSums, min(panelRows, rows.upperBound - row), tokens.count,
        y + tokens.lowerBound * yStride + row, yStride)
    }
  }

  /// Where element `first` of a row is stored.
  private func start(_ row: Int, _ first: Int) -> UnsafeRawPointer {
    unsafe bytes + row * rowBytes + first / decoder.type.elementsPerBlock * decoder.type.bytesPerBlock
  }

  /// Stored bytes of one row of a panel.
  private var panelBytes: Int { panelColumns / decoder.type.elementsPerBlock * decoder.type.bytesPerBlock }

  /// Decodes `count` elements of a row, from element `first` on.
  func decode(_ row: Int, _ first: Int, _ count: Int, _ values: UnsafeMutablePointer<Float>) {
    let start = unsafe start(row, first)
    if let rowKernels = rowKernels {
      unsafe rowKernels.decode(start, count, values)
    } else {
      let byteCount = count / decoder.type.elementsPerBlock * decoder.type.bytesPerBlock
      var span = unsafe MutableSpan(_unsafeStart: values, count: count)
      decoder.decode(unsafe RawSpan(_unsafeStart: start, byteCount: byteCount), into: &span)
    }
  }
}
