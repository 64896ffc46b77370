internal import ByteStorage
internal import Tensors

/// A tensor of a GGUF model as Hugging Face has it: under its canonical name, one expert by itself, rows in order.
struct GGUFView {
  /// What is done to its bytes.
  enum Order: Hashable {
    case asItIs
    /// Rows are brought back into order.
    case interleaved(InterleavedRows)
    /// From every number (I64) its place is subtracted.
    case targetIDs
  }

  let descriptor: TensorDescriptor
  /// The index of the tensor that it is, or is a part of.
  let index: Int
  /// Where it starts in that tensor.
  let byteOffset: Int
  let order: Order
}

/// Rows of heads whose two halves alternate: row 0 of the first half, row 0 of the second, row 1 of the first, and so on.
///
/// Rows move whole, so blocks stay as they are.
struct InterleavedRows: Hashable {
  /// Rows of one head.
  let headRows: Int
  let rowByteCount: Int

  /// Where the row that belongs at `row` is.
  func source(of row: Int) -> Int {
    let (head, place) = row.quotientAndRemainder(dividingBy: headRows)
    let (half, index) = place.quotientAndRemainder(dividingBy: headRows / 2)
    return head * headRows + 2 * index + half
  }

  /// Where the byte that belongs at `offset` is, and how many bytes follow one another from there on.
  func run(at offset: Int) -> (source: Int, count: Int) {
    let (row, skipped) = offset.quotientAndRemainder(dividingBy: rowByteCount)
    return (source(of: row) * rowByteCount + skipped, rowByteCount - skipped)
  }
}

/// Views of the tensors of a GGUF model.
struct GGUFSource: TensorSource {
  let tensors: [TensorDescriptor]
  private let views: [GGUFView]
  private let source: any TensorSource

  init(_ views: [GGUFView], of source: any TensorSource) {
    (self.views, self.source) = (views, source)
    tensors = views.map(\.descriptor)
  }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    let view = views[index]
    let byteCount = view.descriptor.byteCount
    return try source.withBytes(of: view.index) { bytes in
      let part = bytes.extracting(view.byteOffset..<view.byteOffset + byteCount)
      if view.order == .asItIs { return try body(part) }
      var buffer = ByteBuffer(byteCount: byteCount)
      do {
        var target = buffer.mutableBytes
        switch view.order {
        case .asItIs: break
        case .interleaved(let rows):
          var done = 0
          while done < byteCount {
            let run = rows.run(at: done)
            target.copy(part.extracting(run.source..<run.source + run.count), to: done)
            done += run.count
          }
        case .targetIDs:
          for place in 0..<byteCount / 8 {
            let id = part.littleEndian(Int64.self, at: 8 * place) ?? 0
            // An id that is none is found where ids are checked.
            target.storeBytes(of: (id &- Int64(place)).littleEndian, toByteOffset: 8 * place, as: Int64.self)
          }
        }
      }
      return try body(buffer.bytes)
    }
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    let view = views[index]
    let count = buffer.byteCount
    precondition(offset >= 0 && count <= view.descriptor.byteCount - offset, "range out of the tensor")
    let rows: InterleavedRows
    switch view.order {
    case .asItIs: return try source.read(view.index, at: view.byteOffset + offset, into: &buffer)
    case .interleaved(let order): rows = order
    case .targetIDs: return try withBytes(of: index) { buffer.copy($0.extracting(offset..<offset + count), to: 0) }
    }
    var done = 0
    while done < count {
      let run = rows.run(at: offset + done)
      let length = min(run.count, count - done)
      var part = buffer._mutatingExtracting(done..<done + length)
      try source.read(view.index, at: view.byteOffset + run.source, into: &part)
      done += length
    }
  }
}
