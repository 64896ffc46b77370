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
    let panelFloats = Multiplication.panelRows * panelColumns
    let sumFloats = Multiplication.panelRows * block * laneCount
    unsafe withUnsafeTemporaryAllocation(byteCount: (panelFloats + sumFloats) * 4, alignment: 64) { scratch in
      let floats = unsafe scratch.bindMemory(to: Float.self)
      unsafe floats.initialize(repeating: 0)
      let panel = unsafe floats.baseAddress! + 0
      let sums = unsafe panel + panelFloats
      for firstRow in stride(from: rows.lowerBound, to: rows.upperBound, by: Multiplication.panelRows) {
        let rowCount = min(Multiplication.panelRows, rows.upperBound - firstRow)
        for firstToken in stride(from: 0, to: tokens, by: block) {
          let tokenCount = min(block, tokens - firstToken)
          let isLast = firstRow + 2 * Multiplication.panelRows > rows.upperBound
          unsafe multiply(firstRow, rowCount, firstToken, tokenCount, panel, sums, isLast: isLast)
        }
      }
    }
  }

  private func multiply(
    _ firstRow: Int, _ rowCount: Int, _ firstToken: Int, _ tokenCount: Int,
    _ panel: UnsafeMutablePointer<Float>, _ sums: UnsafeMutablePointer<Float>, isLast: Bool
  ) {
    // Rows that are there only to fill a tile repeat an earlier panel; their sums are not folded.
    let tileRows = (rowCount + 3) / 4 * 4
    unsafe sums.update(repeating: 0, count: tileRows * tokenCount * laneCount)
    for first in stride(from: 0, to: columns, by: panelColumns) {
      let count = min(panelColumns, columns - first)
      let padded = roundedToLanes(count)
      for row in 0..<rowCount {
        let values = unsafe panel + row * panelColumns
        unsafe decode(firstRow + row, first, count, values)
        unsafe (values + count).update(repeating: 0, count: padded - count)
      }
      // The next panel: further columns of these rows, then the first columns of the rows after them.
      var next: UnsafeRawPointer?
      if first + count < columns {
        unsafe next = start(firstRow, first + count)
      } else if !isLast {
        unsafe next = start(firstRow + rowCount, 0)
      }
      unsafe kernels.multiply_panel(
        panel, tileRows, x + firstToken * xStride + first, xStride, tokenCount, padded, sums, next, rowBytes, panelBytes)
    }
    unsafe kernels.fold(sums, rowCount, tokenCount, y + firstToken * yStride + firstRow, yStride)
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
