internal import ByteStorage

/// Files of the work folder, which end with the SHA-256 of all before it.
enum SealedFile {
  static func write(_ contents: [UInt8], to path: String) throws(GriffinError) {
    let bytes = contents + SHA256Digest(of: contents.rawBytes).bytes
    try OutputFile(path: path, force: true).write(whole: bytes.rawBytes)
  }

  /// Where the contents end.
  static func end(of bytes: RawSpan) -> Int { bytes.byteCount - SHA256Digest.byteCount }

  /// Whether a file of at least a digest's bytes is what was written.
  static func isWhole(_ bytes: RawSpan) -> Bool {
    let end = end(of: bytes)
    return SHA256Digest(of: bytes.extracting(0..<end)).bytes == bytes.extracting(end..<bytes.byteCount).copied
  }

  static func failure(_ path: String, _ what: String) -> GriffinError {
    GriffinError(.malformed, file: path, what, hints: ["remove the folder it is in, and start again without --resume"])
  }

  /// Reads floats, and goes on behind them.
  static func floats(_ bytes: RawSpan, at offset: inout Int, count: Int) -> [Float] {
    let start = offset
    offset += 4 * count
    return (0..<count).map { Float(bitPattern: bytes.littleEndian(UInt32.self, at: start + 4 * $0) ?? 0) }
  }
}
