package import ByteStorage
package import Tensors

/// Tensors made of others' rows: under other names and shapes, several one after another, or in another order.
///
/// Rows move whole, so blocks stay as they are.
package struct ArrangedSource: TensorSource {
  /// A tensor of the underlying source as a part of one here.
  package struct Part: Sendable, Hashable {
    package let index: Int
    package let order: RowOrder

    package init(_ index: Int, _ order: RowOrder = .asStored) { (self.index, self.order) = (index, order) }
  }

  /// In which order rows of a part are taken.
  package enum RowOrder: Sendable, Hashable {
    case asStored
    /// The two halves of every head's rows in turn: row 0 of the first half, row 0 of the second, row 1 of the first, and so on.
    case interleavedHalves(headRows: Int)

    /// The stored row that comes at `row`.
    func stored(_ row: Int) -> Int {
      switch self {
      case .asStored: return row
      case .interleavedHalves(let headRows):
        let (head, place) = row.quotientAndRemainder(dividingBy: headRows)
        return head * headRows + place % 2 * (headRows / 2) + place / 2
      }
    }
  }

  package private(set) var tensors: [TensorDescriptor] = []
  private var parts: [[Part]] = []
  private let source: any TensorSource

  package init(_ source: any TensorSource) { self.source = source }

  /// Adds a tensor of parts, which are of one type.
  /// - Returns: Its index.
  /// - Throws: `unsupported` where rows of that shape are no whole blocks.
  package mutating func add(_ name: String, shape: Shape, parts: [Part]) throws(GriffinError) -> Int {
    let stored = parts.map { source.tensors[$0.index] }
    precondition(
      !stored.isEmpty && stored.allSatisfy { $0.type == stored[0].type }
        && stored.reduce(0) { $0 + $1.shape.elementCount } == shape.elementCount, "\(name): parts that do not make the tensor")
    do throws(TensorError) {
      tensors.append(try TensorDescriptor(name: name, type: stored[0].type, shape: shape))
    } catch {
      throw GriffinError(.unsupported, tensor: name, "cannot be arranged: \(error)")
    }
    self.parts.append(parts)
    return tensors.count - 1
  }

  /// What a tensor is made of.
  package func parts(of index: Int) -> [Part] { parts[index] }

  package func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    var buffer = ByteBuffer(byteCount: tensors[index].byteCount)
    do {
      var bytes = buffer.mutableBytes
      try read(index, at: 0, into: &bytes)
    }
    return try body(buffer.bytes)
  }

  package func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    let wanted = offset..<offset + buffer.byteCount
    precondition(offset >= 0 && wanted.upperBound <= tensors[index].byteCount, "range out of the tensor")
    var start = 0
    for part in parts[index] {
      let byteCount = source.tensors[part.index].byteCount
      let range = wanted.clamped(to: start..<start + byteCount)
      if !range.isEmpty { try read(part, from: range.lowerBound - start, range.count, into: &buffer, at: range.lowerBound - offset) }
      start += byteCount
    }
  }

  /// Reads `count` bytes of a part, in its order, to `place` of the buffer.
  private func read(_ part: Part, from offset: Int, _ count: Int, into buffer: inout MutableRawSpan, at place: Int) throws {
    guard part.order != .asStored else {
      var target = buffer._mutatingExtracting(place..<place + count)
      return try source.read(part.index, at: offset, into: &target)
    }
    let descriptor = source.tensors[part.index]
    // Elements of a vector are its rows.
    let rows = descriptor.shape.dimensions.count > 1 ? descriptor.shape.rowCount : descriptor.shape.elementCount
    let rowByteCount = descriptor.byteCount / max(rows, 1)
    var done = 0
    while done < count {
      let (row, skipped) = (offset + done).quotientAndRemainder(dividingBy: rowByteCount)
      let length = min(rowByteCount - skipped, count - done)
      var target = buffer._mutatingExtracting(place + done..<place + done + length)
      try source.read(part.index, at: part.order.stored(row) * rowByteCount + skipped, into: &target)
      done += length
    }
  }
}
