package import ByteStorage
internal import Bundles

/// Where a payload's bytes go, in any order and from any thread: a bundle in the making, or the files of an export.
package protocol PayloadSink: Sendable {
  /// Writes a part of a payload.
  /// - Throws: `space` or `io`.
  func write(_ bytes: RawSpan, toPayload index: Int, at offset: Int) throws(GriffinError)

  /// Reads back a part of a payload.
  /// - Returns: Whether it could be read.
  func read(payload index: Int, at offset: Int, into buffer: inout MutableRawSpan) -> Bool
}

extension PayloadSink {
  /// SHA-256 of what is there of a payload, read a buffer at a time; nil where it cannot be read.
  /// - Throws: `interrupted`.
  func digest(
    ofPayload index: Int, _ range: Range<Int>, through buffer: inout ByteBuffer, cancellation: Cancellation
  ) throws(GriffinError) -> SHA256Digest? {
    var hasher = SHA256Hasher()
    for offset in stride(from: range.lowerBound, to: range.upperBound, by: max(buffer.byteCount, 1)) {
      try cancellation.check()
      let count = min(buffer.byteCount, range.upperBound - offset)
      var chunk = buffer.mutablePrefix(count)
      guard read(payload: index, at: offset, into: &chunk) else { return nil }
      hasher.update(buffer.bytes.extracting(0..<count))
    }
    return hasher.finalize()
  }

  /// The same of a piece of a unit.
  func digest(of piece: PieceRange, through buffer: inout ByteBuffer, cancellation: Cancellation) throws(GriffinError) -> SHA256Digest? {
    try digest(ofPayload: piece.payload, piece.offset..<piece.offset + piece.byteCount, through: &buffer, cancellation: cancellation)
  }
}

extension BundleWriter: PayloadSink {}
