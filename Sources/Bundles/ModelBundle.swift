public import ByteStorage
public import Tensors
internal import Zstandard

/// A bundle on disk: its manifest in memory, its tensors in the file. (Foundation has a `Bundle` already.)
///
/// Opening checks the header, the manifest and every rule that ties them together, and reads no
/// payload; `verifyPayloads` does that.
///
/// ```swift
/// let bundle = try ModelBundle.open(path: "pair.griffin")
/// print(bundle.digest, bundle.tensors.count)
/// ```
public struct ModelBundle: TensorSource {
  public let manifest: Manifest
  /// SHA-256 of the manifest, which names the whole bundle.
  public let digest: SHA256Digest
  /// In the manifest's order.
  public let tensors: [TensorDescriptor]
  /// The file itself.
  public let file: InputFile
  /// Bytes of the manifest's text.
  let manifestByteCount: Int

  /// Whether a file begins as a bundle does; a look at 8 bytes.
  public static func isBundle(_ file: InputFile) -> Bool {
    let magic = BundleFormat.magic
    return file.byteCount >= magic.count && file.bytes.extracting(0..<magic.count).copied == magic
  }

  /// Opens a bundle by its path.
  /// - Throws: `missing` or `unreadable`; `malformed`, `unsupported` or `unsafe` with the place, where
  ///   the file breaks a rule of `formats/bundle.md`.
  public static func open(path: String) throws(GriffinError) -> ModelBundle {
    let file = try InputFile(path: path)
    do throws(GriffinError) {
      return try ModelBundle(file: file)
    } catch {
      guard FileSystem.kind(of: path + PatchedFile.undoSuffix) == .file else { throw error }
      var error = error
      error.hints.append("an edit was broken off; griffin edit \(path.printable) puts back what was there")
      throw error
    }
  }

  /// Reads the bundle in a file that is open already.
  /// - Throws: `malformed`, `unsupported` or `unsafe` with the place.
  public init(file: InputFile) throws(GriffinError) {
    let path = file.path
    var start = ByteBuffer(byteCount: min(file.byteCount, BundleFormat.headerByteCount))
    var startBytes = start.mutableBytes
    try file.read(at: 0, into: &startBytes)
    let header = try BundleHeader(parsing: start.bytes, actualByteCount: file.byteCount, file: path)

    // A copy, so that what was checked is what is parsed.
    var text = ByteBuffer(byteCount: header.manifestByteCount)
    var textBytes = text.mutableBytes
    try file.read(at: BundleFormat.headerByteCount, into: &textBytes)
    guard SHA256Digest(of: text.bytes) == header.manifestDigest else {
      throw GriffinError(
        .malformed, file: path, offset: BundleFormat.headerByteCount,
        "the manifest's SHA-256 is not the one in the header: the manifest is damaged")
    }
    let manifest = try ManifestParser.parse(text.bytes, file: path, offset: BundleFormat.headerByteCount)
    try manifest.validate(file: path)
    try manifest.validateLayout(
      manifestByteCount: header.manifestByteCount, fileByteCount: header.fileByteCount, file: path)
    self.manifest = manifest
    self.digest = header.manifestDigest
    self.tensors = manifest.tensors.map(\.descriptor)
    self.file = file
    self.manifestByteCount = header.manifestByteCount
  }

  public func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    let payload = manifest.payloads[manifest.tensors[index].payload]
    return try file.withBytes(payload.offset..<payload.offset + payload.byteCount, body)
  }

  public func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    let payload = manifest.payloads[manifest.tensors[index].payload]
    precondition(offset >= 0 && offset + buffer.byteCount <= payload.byteCount, "bytes outside the tensor")
    try file.read(at: payload.offset + offset, into: &buffer)
  }

  /// The payload that holds a tensor's bytes, for those who show where things are.
  public func payload(ofTensor index: Int) -> Manifest.Payload { manifest.payloads[manifest.tensors[index].payload] }

  /// The content of an attachment, or nil where there is none of that name.
  /// - Parameter name: Such as `target/config.json`.
  /// - Throws: `malformed` where its frame does not hold what the manifest says; `unsafe` where the frame asks
  ///   for too much memory; `io` or `changed`.
  public func attachment(named name: String) throws(GriffinError) -> [UInt8]? {
    guard let attachment = manifest.attachments.first(where: { $0.name.hasSameBytes(as: name) }) else { return nil }
    return try content(of: attachment)
  }

  /// The content of an attachment of `manifest.attachments`.
  func content(of attachment: Manifest.Attachment) throws(GriffinError) -> [UInt8] {
    let payload = manifest.payloads[attachment.payload]
    var frame = ByteBuffer(byteCount: payload.byteCount)
    var frameBytes = frame.mutableBytes
    try file.read(at: payload.offset, into: &frameBytes)
    func failure(_ kind: GriffinError.Kind, _ message: String) -> GriffinError {
      GriffinError(kind, file: file.path, offset: payload.offset, "attachment \(attachment.name): \(message)")
    }
    let content: [UInt8]
    do throws(GriffinError) {
      content = try Zstandard.decompress(frame.bytes, expectedByteCount: attachment.byteCount)
    } catch {
      throw failure(error.kind, error.message)
    }
    guard SHA256Digest(of: content.rawBytes) == attachment.digest else {
      throw failure(.malformed, "its content's SHA-256 is not the one in the manifest")
    }
    return content
  }
}
