public import ByteStorage

/// Where everything in a bundle will be, known before a byte of it is written.
///
/// Digests have a fixed width in the manifest, so its size does not depend on those that are not
/// known yet.
public struct BundlePlan: Sendable {
  /// With final offsets; digests of what is not read yet are placeholders.
  public let manifest: Manifest
  public let manifestByteCount: Int
  public let fileByteCount: Int

  /// Stands where a digest is not known yet.
  public static let unknownDigest = SHA256Digest(of: RawSpan())

  /// Plans a bundle.
  /// - Parameter contents: The manifest; the offsets of its payloads are ignored and computed.
  /// - Throws: as `Manifest.validate` does, without a file, where the contents break a rule of the format.
  public init(_ contents: Manifest) throws(GriffinError) {
    try contents.validate(file: nil)
    var manifest = contents
    let byteCounts = manifest.payloads.map(\.byteCount)
    var layout = Manifest.layout(manifestByteCount: 0, payloadByteCounts: byteCounts)
    // Offsets are digits in the manifest whose size moves them. Both only ever grow, so this ends.
    while let (offsets, fileByteCount) = layout {
      for (index, offset) in offsets.enumerated() { manifest.payloads[index].offset = offset }
      let manifestByteCount = manifest.document.encoded().utf8.count
      layout = Manifest.layout(manifestByteCount: manifestByteCount, payloadByteCounts: byteCounts)
      if let layout, layout.offsets == offsets, layout.fileByteCount == fileByteCount {
        guard manifestByteCount <= BundleFormat.Limit.manifestBytes else {
          throw GriffinError(
            .unsupported, "the manifest would have \(manifestByteCount) bytes, at most \(BundleFormat.Limit.manifestBytes) are allowed")
        }
        (self.manifest, self.manifestByteCount, self.fileByteCount) = (manifest, manifestByteCount, fileByteCount)
        return
      }
    }
    throw GriffinError(.unsupported, "the bundle would have more bytes than 64 bits count")
  }

  /// SHA-256 of the manifest as it is planned: everything that goes into the file but what is known late.
  package var plannedDigest: SHA256Digest { SHA256Digest(of: manifest.document.encoded().rawBytes) }

  /// The finished manifest's text.
  /// - Parameters:
  ///   - payloadDigests: One for each of `manifest.payloads`.
  ///   - provenanceDigests: One for each of `manifest.provenance`.
  ///   - errors: By payload, for tensors that were planned with errors.
  func manifestText(
    payloadDigests: [SHA256Digest], provenanceDigests: [SHA256Digest], errors: [Int: Manifest.Errors] = [:]
  ) -> String {
    precondition(payloadDigests.count == manifest.payloads.count, "a digest for each payload")
    precondition(provenanceDigests.count == manifest.provenance.count, "a digest for each source file")
    var finished = manifest
    for (index, digest) in payloadDigests.enumerated() { finished.payloads[index].digest = digest }
    for (index, digest) in provenanceDigests.enumerated() { finished.provenance[index].digest = digest }
    for index in finished.tensors.indices where finished.tensors[index].errors != nil {
      finished.tensors[index].errors = errors[finished.tensors[index].payload]
    }
    let text = finished.document.encoded()
    // Errors were planned at their longest.
    let rest = manifestByteCount - text.utf8.count
    precondition(rest >= 0, "what is known late does not make the manifest longer")
    return text + String(repeating: " ", count: rest)
  }
}
