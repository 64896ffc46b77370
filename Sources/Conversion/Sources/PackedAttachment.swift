internal import Bundles
internal import ByteStorage
internal import Zstandard

/// An attachment, compressed: its size must be known before anything can be placed.
struct PackedAttachment: Sendable {
  /// With the component's prefix.
  let name: String
  let byteCount: Int
  /// SHA-256 of the content.
  let digest: SHA256Digest
  let frame: [UInt8]
  /// SHA-256 of the frame.
  let frameDigest: SHA256Digest

  init(_ attachment: ConversionComponent.Attachment, of component: Component) throws(GriffinError) {
    let contents = attachment.contents
    guard contents.byteCount <= BundleFormat.Limit.attachmentBytes else {
      throw GriffinError(
        .unsupported, file: contents.file?.path ?? attachment.name,
        "the file has \(contents.byteCount) bytes; files that travel along have at most \(BundleFormat.Limit.attachmentBytes)")
    }
    let buffer = try contents.read()
    self.name = component.prefix + attachment.name
    self.byteCount = contents.byteCount
    self.digest = SHA256Digest(of: buffer.bytes)
    let frame = try Zstandard.compress(buffer.bytes)
    self.frame = frame
    self.frameDigest = SHA256Digest(of: frame.rawBytes)
  }
}
