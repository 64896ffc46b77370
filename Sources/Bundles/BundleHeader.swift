internal import ByteStorage

/// The 128 bytes at the start of a bundle (section 2 of `formats/bundle.md`).
struct BundleHeader: Sendable, Hashable {
  /// Bytes of the whole file.
  var fileByteCount: Int
  var manifestByteCount: Int
  /// SHA-256 of the manifest: the bundle's digest.
  var manifestDigest: SHA256Digest

  private enum Field {
    static let version = 8, flags = 12, fileBytes = 16, manifestOffset = 24, manifestBytes = 32
    static let reserved = 40..<48, manifestDigest = 48..<80, moreReserved = 80..<96, headerDigest = 96..<128
  }

  /// The header's bytes, its own digest included.
  var encoded: ByteBuffer {
    var buffer = ByteBuffer(byteCount: BundleFormat.headerByteCount)
    var bytes = buffer.mutableBytes
    for (offset, byte) in BundleFormat.magic.enumerated() { bytes.storeLittleEndian(byte, at: offset) }
    bytes.storeLittleEndian(BundleFormat.version, at: Field.version)
    bytes.storeLittleEndian(UInt64(fileByteCount), at: Field.fileBytes)
    bytes.storeLittleEndian(UInt64(BundleFormat.headerByteCount), at: Field.manifestOffset)
    bytes.storeLittleEndian(UInt64(manifestByteCount), at: Field.manifestBytes)
    for (offset, byte) in zip(Field.manifestDigest, manifestDigest.bytes) { bytes.storeLittleEndian(byte, at: offset) }
    let digest = SHA256Digest(of: bytes.bytes.extracting(0..<Field.headerDigest.lowerBound))
    for (offset, byte) in zip(Field.headerDigest, digest.bytes) { bytes.storeLittleEndian(byte, at: offset) }
    return buffer
  }

  /// Reads and checks a header (rules H1 to H8).
  /// - Parameters:
  ///   - bytes: The first 128 bytes of the file, or all of a shorter one.
  ///   - actualByteCount: Bytes that the file has.
  ///   - file: Named in errors.
  init(parsing bytes: RawSpan, actualByteCount: Int, file: String) throws(GriffinError) {
    func failure(_ kind: GriffinError.Kind, _ offset: Int, _ message: String, hints: [String] = []) -> GriffinError {
      GriffinError(kind, file: file, offset: offset, message, hints: hints)
    }
    try BundleHeader.checkMagic(bytes, file: file)
    guard bytes.byteCount >= BundleFormat.headerByteCount, let version = bytes.littleEndian(UInt32.self, at: Field.version),
      let flags = bytes.littleEndian(UInt32.self, at: Field.flags),
      let fileBytes = bytes.littleEndian(UInt64.self, at: Field.fileBytes),
      let manifestOffset = bytes.littleEndian(UInt64.self, at: Field.manifestOffset),
      let manifestBytes = bytes.littleEndian(UInt64.self, at: Field.manifestBytes),
      let manifestDigest = SHA256Digest(bytes: bytes.extracting(Field.manifestDigest).copied)
    else {
      throw failure(
        .malformed, bytes.byteCount, "the file has \(bytes.byteCount) bytes, fewer than the \(BundleFormat.headerByteCount) of a header")
    }
    // Before the checksum, so that a later version's other layout is still recognised.
    guard version == BundleFormat.version else {
      let hints = version > BundleFormat.version ? ["a newer griffin may read it"] : []
      throw failure(
        .unsupported, Field.version, "the bundle is of version \(version), only version \(BundleFormat.version) is read", hints: hints)
    }
    let digest = SHA256Digest(of: bytes.extracting(0..<Field.headerDigest.lowerBound))
    guard digest.bytes == bytes.extracting(Field.headerDigest).copied else {
      throw failure(.malformed, Field.headerDigest.lowerBound, "the header's checksum is wrong: the header is damaged")
    }
    guard flags == 0 else {
      throw failure(.unsupported, Field.flags, "flags are \(flags), expected 0; they announce what this version does not know")
    }
    for range in [Field.reserved, Field.moreReserved] {
      if let offset = range.first(where: { bytes[$0] != 0 }) {
        throw failure(.malformed, offset, "a reserved byte is \(bytes[offset]), expected 0")
      }
    }
    guard manifestOffset == UInt64(BundleFormat.headerByteCount) else {
      throw failure(
        .malformed, Field.manifestOffset, "the manifest's offset is \(manifestOffset), expected \(BundleFormat.headerByteCount)")
    }
    guard manifestBytes <= UInt64(BundleFormat.Limit.manifestBytes) else {
      throw failure(
        .unsafe, Field.manifestBytes,
        "the manifest has \(manifestBytes) bytes, at most \(BundleFormat.Limit.manifestBytes) are read")
    }
    guard fileBytes == UInt64(actualByteCount) else {
      let word = fileBytes > UInt64(actualByteCount) ? "is truncated" : "has bytes after its end"
      throw failure(
        .malformed, Field.fileBytes, "the header says \(fileBytes) bytes and the file has \(actualByteCount): it \(word)")
    }
    self.fileByteCount = actualByteCount
    self.manifestByteCount = Int(manifestBytes)
    self.manifestDigest = manifestDigest
    guard BundleFormat.headerByteCount + manifestByteCount <= actualByteCount else {
      throw failure(
        .malformed, Field.manifestBytes, "the manifest's \(manifestByteCount) bytes end beyond the file's \(actualByteCount)")
    }
  }

  init(fileByteCount: Int, manifestByteCount: Int, manifestDigest: SHA256Digest) {
    (self.fileByteCount, self.manifestByteCount, self.manifestDigest) = (fileByteCount, manifestByteCount, manifestDigest)
  }

  /// Tells a bundle from other files, and a damaged one from both (rule H1).
  private static func checkMagic(_ bytes: RawSpan, file: String) throws(GriffinError) {
    let magic = BundleFormat.magic
    let found = bytes.extracting(0..<min(bytes.byteCount, magic.count)).copied
    if found == magic { return }
    let what: String
    if found.isEmpty {
      what = "the file is empty"
    } else if found.count == magic.count && found.allSatisfy({ $0 == 0 }) {
      what = "it begins with zeros, as a bundle whose writing did not finish"
    } else if found.count > 3, found[1...3] == magic[1...3] {
      what = "its first bytes are damaged as by a transfer in text mode"
    } else {
      what = "it begins with other bytes than a bundle does"
    }
    throw GriffinError(.malformed, file: file, offset: 0, "not a bundle: \(what)")
  }
}
