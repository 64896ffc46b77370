package import ByteStorage

/// What of a bundle is not payload: its manifest's text, which fixes every byte of the file.
package struct BundleHead: Sendable {
  package let manifest: Manifest
  /// The manifest as it stands in the file.
  package let text: [UInt8]
  /// The bundle's digest.
  package let digest: SHA256Digest
  package let fileByteCount: Int

  /// The head of an open bundle.
  /// - Throws: What reading throws.
  package init(_ bundle: ModelBundle) throws(GriffinError) {
    var buffer = ByteBuffer(byteCount: bundle.manifestByteCount)
    var target = buffer.mutableBytes
    try bundle.file.read(at: BundleFormat.headerByteCount, into: &target)
    (manifest, digest, text, fileByteCount) = (bundle.manifest, bundle.digest, buffer.bytes.copied, bundle.file.byteCount)
  }

  /// Reads a manifest that stands alone, and checks what opening a bundle checks.
  /// - Parameter file: Named in errors.
  /// - Throws: As `ModelBundle.init`.
  package init(manifestText text: [UInt8], file: String) throws(GriffinError) {
    let manifest = try ManifestParser.parse(text.rawBytes, file: file, offset: 0)
    try manifest.validate(file: file)
    guard let (_, byteCount) = Manifest.layout(manifestByteCount: text.count, payloadByteCounts: manifest.payloads.map(\.byteCount)) else {
      throw GriffinError(.malformed, file: file, "the manifest's payloads have more bytes than 64 bits count")
    }
    try manifest.validateLayout(manifestByteCount: text.count, fileByteCount: byteCount, file: file)
    (self.manifest, self.text, digest, fileByteCount) = (manifest, text, SHA256Digest(of: text.rawBytes), byteCount)
  }

  /// The stretches of the file that no payload has, after the manifest.
  package var gaps: [Range<Int>] {
    manifest.gaps(from: BundleFormat.headerByteCount + text.count, fileByteCount: fileByteCount)
  }

  /// Completes a file whose payloads are written, and gives it its name.
  /// - Throws: `space`, `io` or `exists`, as `OutputFile.commit` does.
  package func complete(_ output: OutputFile) throws(GriffinError) {
    try BundleHead.complete(output, manifest: text.rawBytes, digest: digest, fileByteCount: fileByteCount)
  }

  /// A header may be on disk only where all that it vouches for is: hence the order, and a flush between.
  static func complete(
    _ output: OutputFile, manifest: RawSpan, digest: SHA256Digest, fileByteCount: Int
  ) throws(GriffinError) {
    try output.synchronize()
    try output.write(manifest, at: BundleFormat.headerByteCount)
    try output.synchronize()
    let header = BundleHeader(fileByteCount: fileByteCount, manifestByteCount: manifest.byteCount, manifestDigest: digest)
    let encoded = header.encoded
    try output.write(encoded.bytes, at: 0)
    try output.commit()
  }
}
