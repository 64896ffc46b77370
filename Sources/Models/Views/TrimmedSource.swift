package import ByteStorage
package import Tensors

/// A draft's tensors with a head of its own: chosen rows of its target's, and what to add to each row's place for the token's id.
package struct TrimmedSource: TensorSource {
  private enum Place: Sendable {
    case stored(Int)
    case head
    case offsets
  }

  package let tensors: [TensorDescriptor]
  private let places: [Place]
  private let source: any TensorSource
  private let targetSource: any TensorSource
  private let headIndex: Int
  private let ids: [Int]
  /// Bytes of a row of the head.
  private let rowBytes: Int
  private let offsets: [UInt8]

  /// - Parameters:
  ///   - bindings: The draft's tensors that are kept.
  ///   - head: The target's output head, and where it is.
  ///   - ids: Ascending, and rows of the head.
  ///   - prefix: What the names of the draft's tensors begin with.
  /// - Throws: `TensorError` where there are no rows.
  init(
    _ source: any TensorSource, keeping kept: [Int], head: (source: any TensorSource, index: Int), ids: [Int], prefix: String
  ) throws(TensorError) {
    let whole = head.source.tensors[head.index]
    rowBytes = whole.byteCount / max(whole.shape.rowCount, 1)
    var bytes: [UInt8] = []
    for (place, id) in ids.enumerated() { bytes.append(littleEndian: Int64(id - place)) }
    (self.source, targetSource, headIndex, self.ids, offsets) = (source, head.source, head.index, ids, bytes)
    places = kept.map { .stored($0) } + [.head, .offsets]
    tensors =
      kept.map { source.tensors[$0] } + [
        try TensorDescriptor(name: prefix + "lm_head.weight", type: whole.type, shape: Shape([ids.count, whole.shape.rowLength])),
        try TensorDescriptor(name: prefix + "d2t", type: .i64, shape: Shape([ids.count])),
      ]
  }

  /// SHA-256 of what no file holds and decides what the head's rows are; nil for everything else.
  package func digest(_ index: Int) -> SHA256Digest? {
    guard case .offsets = places[index] else { return nil }
    return SHA256Digest(of: offsets.rawBytes)
  }

  /// The place of a tensor in the draft's file; nil for what is not from there.
  package func stored(_ index: Int) -> Int? {
    if case .stored(let place) = places[index] { place } else { nil }
  }

  package func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    switch places[index] {
    case .stored(let place): return try source.withBytes(of: place, body)
    case .offsets: return try body(offsets.rawBytes)
    case .head:
      var buffer = ByteBuffer(byteCount: tensors[index].byteCount)
      do {
        var bytes = buffer.mutableBytes
        try readHead(at: 0, into: &bytes)
      }
      return try body(buffer.bytes)
    }
  }

  package func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    precondition(offset >= 0 && buffer.byteCount <= tensors[index].byteCount - offset, "range out of the tensor")
    switch places[index] {
    case .stored(let place): try source.read(place, at: offset, into: &buffer)
    case .offsets:
      let bytes = offsets.rawBytes
      buffer.copy(bytes.extracting(offset..<offset + buffer.byteCount), to: 0)
    case .head: try readHead(at: offset, into: &buffer)
    }
  }

  /// Row by row, as they lie in the target's head.
  private func readHead(at offset: Int, into buffer: inout MutableRawSpan) throws {
    var done = 0
    while done < buffer.byteCount {
      let (row, skipped) = (offset + done).quotientAndRemainder(dividingBy: rowBytes)
      let count = min(rowBytes - skipped, buffer.byteCount - done)
      var part = buffer._mutatingExtracting(done..<done + count)
      try targetSource.read(headIndex, at: ids[row] * rowBytes + skipped, into: &part)
      done += count
    }
  }
}
