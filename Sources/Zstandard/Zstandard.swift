internal import CZstd
public import ByteStorage

/// One-shot zstd frames for the small files that travel with a model.
///
/// A frame always states its content size and carries a checksum. Unsafe memory is sound here
/// because every pointer comes from a span or array that outlives the call, with its own length.
public enum Zstandard {
  /// The compression level, fixed so that equal input gives equal bytes (for one libzstd version).
  public static let level: Int32 = 9
  /// The largest window, as a power of two, that a frame may ask its reader for: 128 MiB.
  public static let maximumWindowLog: Int32 = 27

  /// Compresses into one frame.
  /// - Throws: `io` where libzstd fails, which means that memory ran out.
  public static func compress(_ bytes: RawSpan) throws(GriffinError) -> [UInt8] {
    guard let context = unsafe ZSTD_createCCtx() else { throw GriffinError(.io, "compressing failed: out of memory") }
    defer { unsafe ZSTD_freeCCtx(context) }
    for (parameter, value) in [(ZSTD_c_compressionLevel, level), (ZSTD_c_contentSizeFlag, 1), (ZSTD_c_checksumFlag, 1)] {
      let status = unsafe ZSTD_CCtx_setParameter(context, parameter, value)
      guard ZSTD_isError(status) == 0 else { throw GriffinError(.io, "compressing failed: \(name(of: status))") }
    }
    let capacity = ZSTD_compressBound(bytes.byteCount)
    guard ZSTD_isError(capacity) == 0 else { throw GriffinError(.io, "compressing failed: \(name(of: capacity))") }
    var status = 0
    let frame = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      status = unsafe bytes.withUnsafeBytes { source in
        unsafe ZSTD_compress2(context, buffer.baseAddress, capacity, source.baseAddress, source.count)
      }
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    guard ZSTD_isError(status) == 0 else { throw GriffinError(.io, "compressing failed: \(name(of: status))") }
    return frame
  }

  /// Decompresses exactly one frame.
  ///
  /// Nothing is allocated before the frame is known to be whole, to state the expected size, and to
  /// ask for no larger window than `maximumWindowLog`.
  /// - Parameters:
  ///   - frame: One frame and nothing after it.
  ///   - expectedByteCount: The size of the content, which the caller has bounded.
  /// - Throws: `malformed` where the frame is damaged or says another size; `unsafe` where its window is too large.
  public static func decompress(_ frame: RawSpan, expectedByteCount: Int) throws(GriffinError) -> [UInt8] {
    precondition(expectedByteCount >= 0, "negative byte count")
    try checkFrame(frame, expectedByteCount: expectedByteCount)
    guard let context = unsafe ZSTD_createDCtx() else { throw GriffinError(.io, "decompressing failed: out of memory") }
    defer { unsafe ZSTD_freeDCtx(context) }
    let limit = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, maximumWindowLog)
    guard ZSTD_isError(limit) == 0 else { throw GriffinError(.io, "decompressing failed: \(name(of: limit))") }
    var status = 0
    // Never a capacity of 0: the standard library then writes to the storage that all empty arrays share, a race to the thread sanitizer.
    let content = unsafe [UInt8](unsafeUninitializedCapacity: max(expectedByteCount, 1)) { buffer, count in
      status = unsafe frame.withUnsafeBytes { source in
        unsafe ZSTD_decompressDCtx(context, buffer.baseAddress, expectedByteCount, source.baseAddress, source.count)
      }
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    guard ZSTD_isError(status) == 0 else {
      throw GriffinError(.malformed, "the zstd frame cannot be decompressed: \(name(of: status))")
    }
    guard status == expectedByteCount else {
      throw GriffinError(.malformed, "the zstd frame holds \(status) bytes, expected \(expectedByteCount)")
    }
    return content
  }

  private static func checkFrame(_ frame: RawSpan, expectedByteCount: Int) throws(GriffinError) {
    guard frame.littleEndian(UInt32.self, at: 0) == 0xFD2F_B528 else {
      throw GriffinError(.malformed, "expected a zstd frame, found other bytes")
    }
    let (frameBytes, contentBytes) = unsafe frame.withUnsafeBytes { source in
      unsafe (
        ZSTD_findFrameCompressedSize(source.baseAddress, source.count), ZSTD_getFrameContentSize(source.baseAddress, source.count)
      )
    }
    guard ZSTD_isError(frameBytes) == 0 else {
      throw GriffinError(.malformed, "the zstd frame is damaged or cut off: \(name(of: frameBytes))")
    }
    guard frameBytes == frame.byteCount else {
      throw GriffinError(.malformed, "\(frame.byteCount - frameBytes) bytes follow the zstd frame, expected none")
    }
    // The two largest values mean "not stated" and "not a frame".
    guard contentBytes < UInt64.max - 1 else {
      throw GriffinError(.malformed, "the zstd frame does not state its content size")
    }
    guard contentBytes == UInt64(expectedByteCount) else {
      throw GriffinError(.malformed, "the zstd frame states \(contentBytes) bytes of content, expected \(expectedByteCount)")
    }
    guard windowLog(of: frame) <= Int(maximumWindowLog) else {
      throw GriffinError(.unsafe, "the zstd frame asks for a window of more than \(1 << Int(maximumWindowLog)) bytes")
    }
  }

  /// The window's logarithm, rounded up, from the frame header (RFC 8878, 3.1.1.1.2); 0 for a
  /// single-segment frame, whose window is its content.
  private static func windowLog(of frame: RawSpan) -> Int {
    guard let descriptor = frame.littleEndian(UInt8.self, at: 4), let window = frame.littleEndian(UInt8.self, at: 5),
      descriptor & 0x20 == 0
    else { return 0 }
    return 10 + Int(window >> 3) + (window & 7 == 0 ? 0 : 1)
  }

  private static func name(of status: Int) -> String { unsafe String(cString: ZSTD_getErrorName(status)) }
}
