extension InputFile {
  /// Reads a stretch a buffer at a time.
  /// - Parameters:
  ///   - buffer: What a chunk is read into; not empty.
  ///   - body: Takes a chunk and its offset in the file.
  /// - Throws: What reading and `body` throw; `interrupted`.
  package func forEachChunk(
    of range: Range<Int>, through buffer: inout ByteBuffer, cancellation: Cancellation,
    _ body: (_ bytes: RawSpan, _ offset: Int) throws(GriffinError) -> Void
  ) throws(GriffinError) {
    for offset in stride(from: range.lowerBound, to: range.upperBound, by: buffer.byteCount) {
      try cancellation.check()
      let count = min(buffer.byteCount, range.upperBound - offset)
      var chunk = buffer.mutablePrefix(count)
      try read(at: offset, into: &chunk)
      try body(buffer.bytes.extracting(0..<count), offset)
    }
  }

  /// Looks for a byte that is not zero.
  /// - Returns: The first one and its place; nil where all are zero.
  /// - Throws: What reading throws; `interrupted`.
  package func firstNonzeroByte(
    in range: Range<Int>, through buffer: inout ByteBuffer, cancellation: Cancellation
  ) throws(GriffinError) -> (offset: Int, byte: UInt8)? {
    var found: (offset: Int, byte: UInt8)?
    try forEachChunk(of: range, through: &buffer, cancellation: cancellation) { bytes, offset in
      guard found == nil else { return }
      for index in 0..<bytes.byteCount where bytes[index] != 0 {
        found = (offset + index, bytes[index])
        return
      }
    }
    return found
  }
}
