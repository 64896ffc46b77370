internal import ByteStorage

/// The bytes of one storage in a PyTorch file.
final class PyTorchStorage: Sendable {
  let offset: Int
  let byteCount: Int
  /// The checksum of the archive member that the storage is; nil in legacy files, which have none.
  private let checksum: UInt32?
  private let isVerified = Locked(false)

  private static let chunkBytes = 1 << 18

  init(offset: Int, byteCount: Int, checksum: UInt32?) {
    (self.offset, self.byteCount, self.checksum) = (offset, byteCount, checksum)
  }

  /// Checks the storage's bytes against its checksum, once, in small pieces, before they are first used.
  /// - Throws: `malformed` where they do not match, `io` and `changed` from reading.
  func verify(in file: InputFile) throws {
    guard let checksum else { return }
    try isVerified.withLock { isVerified in
      if isVerified { return }
      var found = CRC32()
      var buffer = ByteBuffer(byteCount: min(PyTorchStorage.chunkBytes, byteCount))
      var done = 0
      while done < byteCount {
        let count = min(buffer.byteCount, byteCount - done)
        do {
          var whole = buffer.mutableBytes
          var piece = whole._mutatingExtracting(first: count)
          try file.read(at: offset + done, into: &piece)
        }
        found.update(buffer.bytes.extracting(first: count))
        done += count
      }
      try PyTorchStorage.check(found.value, against: checksum, file: file, offset: offset)
      isVerified = true
    }
  }

  /// - Throws: `malformed` where the two differ.
  static func check(_ found: UInt32, against checksum: UInt32, file: InputFile, offset: Int) throws(GriffinError) {
    guard found == checksum else {
      func hexadecimal(_ value: UInt32) -> String { String(value, radix: 16) }
      throw GriffinError(
        .malformed, file: file.path, offset: offset,
        "the bytes have the CRC-32 \(hexadecimal(found)), the archive says \(hexadecimal(checksum)); the file is damaged",
        hints: ["get the file again; if it was saved without checksums, save it with them"])
    }
  }
}
