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
    let file = attachment.file
    guard file.byteCount <= BundleFormat.Limit.attachmentBytes else {
      throw GriffinError(
        .unsupported, file: file.path,
        "the file has \(file.byteCount) bytes; files that travel along have at most \(BundleFormat.Limit.attachmentBytes)")
    }
    var buffer = ByteBuffer(byteCount: file.byteCount)
    var bytes = buffer.mutableBytes
    try file.read(at: 0, into: &bytes)
    self.name = component.prefix + attachment.name
    self.byteCount = file.byteCount
    self.digest = SHA256Digest(of: buffer.bytes)
    let frame = try Zstandard.compress(buffer.bytes)
    self.frame = frame
    self.frameDigest = SHA256Digest(of: frame.rawBytes)
  }
}
