public import ByteStorage

/// Writes a planned bundle: payload bytes in any order from any thread, then the manifest and the header.
public final class BundleWriter: Sendable {
  public let plan: BundlePlan
  private let output: OutputFile

  /// Reserves the file's bytes, all zeros, which is what padding is. A partial file that is continued keeps its payloads.
  /// - Throws: `space` where the disk has no room.
  public init(plan: BundlePlan, output: OutputFile) throws(GriffinError) {
    self.plan = plan
    self.output = output
    try output.reserve(byteCount: plan.fileByteCount)
    if output.isResumed { try clearGaps() }
  }

  /// Writes zeros wherever no payload is, whatever an earlier run or a crash left there.
  private func clearGaps() throws(GriffinError) {
    let zeros = ByteBuffer(byteCount: 1 << 20)
    for gap in plan.manifest.gaps(from: 0, fileByteCount: plan.fileByteCount) {
      for offset in stride(from: gap.lowerBound, to: gap.upperBound, by: zeros.byteCount) {
        try output.write(zeros.bytes.extracting(0..<min(zeros.byteCount, gap.upperBound - offset)), at: offset)
      }
    }
  }

  /// Reads back a part of a payload.
  /// - Returns: Whether it could be read.
  public func read(payload index: Int, at offset: Int, into buffer: inout MutableRawSpan) -> Bool {
    let payload = plan.manifest.payloads[index]
    precondition(offset >= 0 && offset + buffer.byteCount <= payload.byteCount, "bytes outside their payload")
    return output.read(at: payload.offset + offset, into: &buffer)
  }

  /// Writes a part of a payload. Safe to call from many threads at once.
  /// - Parameters:
  ///   - index: The payload's index.
  ///   - offset: Where in the payload the bytes go; they must fit.
  /// - Throws: `space` or `io`.
  public func write(_ bytes: RawSpan, toPayload index: Int, at offset: Int) throws(GriffinError) {
    let payload = plan.manifest.payloads[index]
    precondition(offset >= 0 && offset + bytes.byteCount <= payload.byteCount, "bytes outside their payload")
    try output.write(bytes, at: payload.offset + offset, ofRun: payload.offset..<payload.offset + payload.byteCount)
  }

  /// Completes the bundle and gives it its name. Every payload byte has been written before.
  /// - Parameters:
  ///   - payloadDigests: SHA-256 of each payload.
  ///   - provenanceDigests: SHA-256 of each source file.
  ///   - errors: By payload, what was measured of tensors that were planned with errors.
  /// - Returns: The bundle's digest.
  /// - Throws: `space`, `io` or `exists`, as `OutputFile.commit` does.
  public func finish(
    payloadDigests: [SHA256Digest], provenanceDigests: [SHA256Digest], errors: [Int: Manifest.Errors] = [:]
  ) throws(GriffinError) -> SHA256Digest {
    let text = plan.manifestText(payloadDigests: payloadDigests, provenanceDigests: provenanceDigests, errors: errors)
    let manifest = text.rawBytes
    let digest = SHA256Digest(of: manifest)
    try BundleHead.complete(output, manifest: manifest, digest: digest, fileByteCount: plan.fileByteCount)
    return digest
  }
}
