extension SHA256Digest {
  /// The digest of a whole file, read a buffer at a time.
  /// - Parameter meter: Told of bytes done.
  /// - Throws: What reading throws; `interrupted`.
  package init(
    of file: InputFile, through buffer: inout ByteBuffer, cancellation: Cancellation, meter: ProgressMeter? = nil
  ) throws(GriffinError) {
    var hasher = SHA256Hasher()
    for offset in stride(from: 0, to: file.byteCount, by: buffer.byteCount) {
      try cancellation.check()
      let count = min(buffer.byteCount, file.byteCount - offset)
      var chunk = buffer.mutablePrefix(count)
      try file.read(at: offset, into: &chunk)
      hasher.update(buffer.bytes.extracting(0..<count))
      meter?.add(count)
    }
    self = hasher.finalize()
  }
}
