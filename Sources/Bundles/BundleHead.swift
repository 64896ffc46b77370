package import ByteStorage

/// What a bundle has before its first tensor: header, manifest and attachments, made to end where another one's ended, so that
/// tensors stay where they are. What is left over is spaces at the end of the manifest.
package struct BundleHead: ~Copyable {
  package let manifest: Manifest
  package let digest: SHA256Digest
  /// All bytes from the start of the file to the first tensor.
  package let bytes: ByteBuffer

  /// Where the tensors of a bundle begin, if all attachments lie before them: bytes that can be made anew without moving one.
  package static func byteCount(of bundle: ModelBundle) -> Int? {
    let manifest = bundle.manifest
    let count = manifest.attachments.count
    guard Set(manifest.attachments.map(\.payload)) == Set(0..<count) else { return nil }
    return manifest.payloads.count > count ? manifest.payloads[count].offset : nil
  }

  /// - Parameters:
  ///   - contents: The manifest; its first payloads are the attachments, the others those of the bundle at hand with their offsets.
  ///   - frames: The attachments' payloads.
  ///   - byteCount: Where the tensors begin.
  ///   - fileByteCount: Bytes of the whole file.
  /// - Returns: nil where all of it is longer than that.
  package init?(_ contents: Manifest, frames: [[UInt8]], byteCount: Int, fileByteCount: Int) {
    var manifest = contents
    let attachmentBytes = frames.reduce(0) { $0 + ($1.count.roundedUp(to: BundleFormat.alignment) ?? 0) }
    var offset = byteCount - attachmentBytes
    let manifestEnd = offset
    for (index, frame) in frames.enumerated() {
      manifest.payloads[index].offset = offset
      offset += frame.count.roundedUp(to: BundleFormat.alignment) ?? 0
    }
    var text = Array(manifest.document.encoded().utf8)
    // The least that ends in the last stretch before the attachments.
    let shortest = manifestEnd - BundleFormat.alignment + 1 - BundleFormat.headerByteCount
    guard text.count <= manifestEnd - BundleFormat.headerByteCount, max(shortest, text.count) <= BundleFormat.Limit.manifestBytes else {
      return nil
    }
    text += [UInt8](repeating: UInt8(ascii: " "), count: max(0, shortest - text.count))
    let digest = SHA256Digest(of: text.rawBytes)
    let header = BundleHeader(fileByteCount: fileByteCount, manifestByteCount: text.count, manifestDigest: digest)
    var bytes = ByteBuffer(byteCount: byteCount)
    do {
      var target = bytes.mutableBytes
      let encoded = header.encoded
      target.copy(encoded.bytes, to: 0)
      target.copy(text.rawBytes, to: BundleFormat.headerByteCount)
      for (index, frame) in frames.enumerated() { target.copy(frame.rawBytes, to: manifest.payloads[index].offset) }
    }
    self.manifest = manifest
    self.digest = digest
    self.bytes = bytes
  }

  /// Whether bytes are the start of a bundle of so many bytes: a right header, and the manifest that it stands for.
  package static func isHead(_ bytes: RawSpan, fileByteCount: Int, file: String) -> Bool {
    guard bytes.byteCount <= fileByteCount,
      let header = try? BundleHeader(
        parsing: bytes.extracting(0..<min(bytes.byteCount, BundleFormat.headerByteCount)), actualByteCount: fileByteCount, file: file),
      BundleFormat.headerByteCount + header.manifestByteCount <= bytes.byteCount
    else { return false }
    let manifest = bytes.extracting(BundleFormat.headerByteCount..<BundleFormat.headerByteCount + header.manifestByteCount)
    return SHA256Digest(of: manifest) == header.manifestDigest
  }
}
