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

extension BundleWriter: PayloadSink {}
