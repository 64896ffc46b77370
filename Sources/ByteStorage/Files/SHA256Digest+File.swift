extension SHA256Digest {
  /// The digest of a file or a stretch of it, read a buffer at a time.
  /// - Parameters:
  ///   - range: nil for the whole file.
  ///   - meter: Told of bytes done.
  /// - Throws: What reading throws; `interrupted`.
  package init(
    of file: InputFile, in range: Range<Int>? = nil, through buffer: inout ByteBuffer, cancellation: Cancellation,
    meter: ProgressMeter? = nil
  ) throws(GriffinError) {
    if let far = file.far, range == nil {
      self = try far.digest(cancellation: cancellation, meter: meter)
      return
    }
    var hasher = SHA256Hasher()
    try file.forEachChunk(of: range ?? 0..<file.byteCount, through: &buffer, cancellation: cancellation) { bytes, _ in
      hasher.update(bytes)
      meter?.add(bytes.byteCount)
    }
    self = hasher.finalize()
  }
}
