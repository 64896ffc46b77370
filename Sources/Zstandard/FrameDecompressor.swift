internal import CZstd
public import ByteStorage

/// Reads frames of a known content size with one context.
///
/// Unsafe memory is sound here because the context is owned and every pointer comes from a span that outlives the call, with its
/// own length. Frames are decoded in one piece, so that no window is allocated whatever they ask for.
@safe public struct FrameDecompressor: ~Copyable, @unchecked Sendable {  // the context is never shared
  private let context: OpaquePointer

  /// - Throws: `io` where memory ran out.
  public init() throws(GriffinError) {
    guard let context = unsafe ZSTD_createDCtx() else { throw GriffinError(.io, "decompressing failed: out of memory") }
    unsafe self.context = context
  }

  deinit { unsafe ZSTD_freeDCtx(context) }

  /// Fills a range of `target` with a frame's content, which has exactly that many bytes.
  /// - Throws: `malformed` where the frame is damaged or holds another number of bytes.
  public mutating func decompress(_ frame: RawSpan, into target: inout MutableRawSpan, at range: Range<Int>) throws(GriffinError) {
    precondition(range.lowerBound >= 0 && range.upperBound <= target.byteCount, "a range out of the target")
    let context = unsafe context
    let status = unsafe target.withUnsafeMutableBytes { bytes in
      unsafe frame.withUnsafeBytes { source in
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[range])
        return unsafe ZSTD_decompressDCtx(context, part.baseAddress, part.count, source.baseAddress, source.count)
      }
    }
    guard ZSTD_isError(status) == 0 else {
      throw GriffinError(.malformed, "the zstd frame cannot be decompressed: \(unsafe String(cString: ZSTD_getErrorName(status)))")
    }
    guard status == range.count else {
      throw GriffinError(.malformed, "the zstd frame holds \(status) bytes, expected \(range.count)")
    }
  }
}
