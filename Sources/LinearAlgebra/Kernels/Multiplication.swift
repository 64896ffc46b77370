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
  /// Those of floats, for rows that Swift decodes.
  let floatKernels: ck_row_kernels
  let rowKernels: ck_row_kernels?
  let scratch: Scratch

  /// Rows whose sums are computed together, panel by panel.
  static let panelRows = Int(ck_panel_rows)
  private static let widestPanel = Int(ck_widest_panel)
  /// Tokens whose sums stay in the second-level cache.
  private static let tokenBlock = 64
  /// Rows that many tokens pass by for each panel of columns: the more, the seldomer tokens leave the second-level cache
  /// and come back, but their sums must stay in it too.
  private static let groupRows = 3 * panelRows

  /// Dot products of few tokens, straight from the stored bytes; false where they are too many, or the type has no kernel for it.
  func multiplyFew(_ rows: Range<Int>) -> Bool {
    guard let rowKernels = rowKernels, tokens <= rowKernels.few else { return false }
    unsafe rowKernels.multiply_few(
      bytes + rows.lowerBound * rowBytes, rowBytes, rows.count, columns, x, xStride, tokens, y + rows.lowerBound, yStride)
    return true
  }

  /// Dot products of all tokens, which share decoded rows but never sums.
  func multiply(_ rows: Range<Int>) {
    let blocks = (tokens + Multiplication.tokenBlock - 1) / Multiplication.tokenBlock
    let block = (tokens + blocks - 1) / blocks
    // Few tokens stay in the cache whatever the order; rows are then read from start to end.
    let group = tokens > 16 ? Multiplication.groupRows : Multiplication.panelRows
    let sumFloats = group * block * laneCount
    let panelFloats = rowKernels == nil ? Multiplication.panelRows * Multiplication.widestPanel : 0
    unsafe scratch.withFloats(sumFloats + panelFloats) { sums in
      for firstRow in stride(from: rows.lowerBound, to: rows.upperBound, by: group) {
        let part = firstRow..<min(firstRow + group, rows.upperBound)
        for firstToken in stride(from: 0, to: tokens, by: block) {
          let tokens = firstToken..<min(firstToken + block, tokens)
          let next = part.upperBound < rows.upperBound ? part.upperBound : nil
          unsafe multiply(part, tokens, sums, panel: sums + sumFloats, next: next)
        }
      }
    }
  }

  /// The dot products of a few rows and tokens. `next`: the row that comes after them, if any.
  private func multiply(
    _ rows: Range<Int>, _ tokens: Range<Int>, _ sums: UnsafeMutablePointer<Float>, panel: UnsafeMutablePointer<Float>, next: Int?
  ) {
    let panelRows = Multiplication.panelRows
    let panelSums = panelRows * tokens.count * laneCount
    unsafe sums.initialize(repeating: 0, count: (rows.count + panelRows - 1) / panelRows * panelSums)
    var first = 0
    while first < columns {
      let left = columns - first
      let count = left <= Multiplication.widestPanel ? left : panelColumns
      for row in stride(from: rows.lowerBound, to: rows.upperBound, by: panelRows) {
        let rowCount = min(panelRows, rows.upperBound - row)
        let x = unsafe x + tokens.lowerBound * xStride + first
        let sums = unsafe sums + (row - rows.lowerBound) / panelRows * panelSums
        let stored = unsafe start(row, first)
        if let rowKernels = rowKernels {
          // The panel after this one: further rows, then further columns, then the first columns of the rows after them.
          var ahead = unsafe stored
          if row + panelRows < rows.upperBound {
            unsafe ahead = start(row + panelRows, first)
          } else if first + count < columns {
            unsafe ahead = start(rows.lowerBound, first + count)
          } else if let next {
            unsafe ahead = start(next, 0)
          }
          unsafe rowKernels.multiply_many(
            stored, rowBytes, rowCount, count, x, xStride, tokens.count, sums, ahead - stored)
        } else {
          for index in 0..<rowCount { unsafe decode(row + index, first, count, panel + index * Multiplication.widestPanel) }
          unsafe floatKernels.multiply_many(
            panel, Multiplication.widestPanel * MemoryLayout<Float>.stride, rowCount, count, x, xStride, tokens.count, sums, 0)
        }
      }
      first += count
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
