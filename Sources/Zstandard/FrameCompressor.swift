internal import CZstd
public import ByteStorage

/// Makes many frames with one context, each of its own: they decode independently.
///
/// A frame states its content size and carries no checksum. Unsafe memory is sound here because the context is owned and every
/// pointer comes from a span that outlives the call, with its own length.
@safe public struct FrameCompressor: ~Copyable, @unchecked Sendable {  // the context is never shared
  /// How a content is made smaller.
  public enum Method: Sendable, Hashable {
    /// Huffman codes of bytes alone, without a search for matches.
    case entropy
    /// All that zstd does at a level, 1 to 19.
    case level(Int32)
  }

  private let context: OpaquePointer

  /// The level that skips all but a few positions in its search; literals are then Huffman-coded by `literalCompression`.
  private static let leastSearch: Int32 = -131_072
  /// `ZSTD_c_literalCompressionMode`, which zstd declares under this number for static linking, and its value for "always".
  private static let literalCompression = ZSTD_c_experimentalParam5
  private static let always: Int32 = 1

  /// - Throws: `io` where memory ran out.
  public init() throws(GriffinError) {
    guard let context = unsafe ZSTD_createCCtx() else { throw GriffinError(.io, "compressing failed: out of memory") }
    unsafe self.context = context
  }

  deinit { unsafe ZSTD_freeCCtx(context) }

  /// Bytes that a frame of so much content can take, however it is made.
  public static func capacity(contentByteCount: Int) -> Int { max(ZSTD_compressBound(contentByteCount), StoredFrame.byteCount(contentByteCount)) }

  /// Compresses into one frame at `offset`; the target has room for `capacity` bytes there.
  /// - Returns: Bytes of the frame.
  /// - Throws: `io` where libzstd fails.
  public mutating func compress(
    _ content: RawSpan, by method: Method, into target: inout MutableRawSpan, at offset: Int
  ) throws(GriffinError) -> Int {
    precondition(offset >= 0 && offset + FrameCompressor.capacity(contentByteCount: content.byteCount) <= target.byteCount, "no room for a frame")
    let level: Int32 = if case .level(let level) = method { level } else { FrameCompressor.leastSearch }
    unsafe ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)
    var settings = [(ZSTD_c_compressionLevel, level), (ZSTD_c_contentSizeFlag, 1)]
    if method == .entropy { settings.append((FrameCompressor.literalCompression, FrameCompressor.always)) }
    for (parameter, value) in settings { try check(unsafe ZSTD_CCtx_setParameter(context, parameter, value)) }
    let context = unsafe context
    let status = unsafe target.withUnsafeMutableBytes { bytes in
      unsafe content.withUnsafeBytes { source in
        unsafe ZSTD_compress2(context, bytes.baseAddress! + offset, bytes.count - offset, source.baseAddress, source.count)
      }
    }
    try check(status)
    return status
  }

  private func check(_ status: Int) throws(GriffinError) {
    guard ZSTD_isError(status) == 0 else {
      throw GriffinError(.io, "compressing failed: \(unsafe String(cString: ZSTD_getErrorName(status)))")
    }
  }
}
