internal import ByteStorage

/// The records that end a zip archive: where its directory is and how many entries it has.
///
/// - Source: PKWARE APPNOTE 6.3.10, sections 4.3.14 to 4.3.16.
struct ZipEnd {
  let entryCount: Int
  let directoryOffset: Int
  let directoryEnd: Int

  private static let endBytes = 22
  private static let locatorBytes = 20
  private static let largeEndBytes = 56

  init(_ file: InputFile) throws(GriffinError) {
    let bytes = file.bytes
    func error(_ kind: GriffinError.Kind, _ offset: Int, _ message: String) -> GriffinError {
      GriffinError(kind, file: file.path, offset: offset, message)
    }
    let start = bytes.byteCount - ZipEnd.endBytes
    try file.require(max(0, start - ZipEnd.locatorBytes - ZipEnd.largeEndBytes)..<bytes.byteCount)
    guard start >= 0, bytes.littleEndian(UInt32.self, at: start) == 0x0605_4B50,
      bytes.littleEndian(UInt16.self, at: start + 20) == 0
    else {
      throw error(
        .malformed, max(start, 0), "the file does not end with the end record of a zip archive; it may be truncated, or something was appended")
    }
    func small(_ offset: Int) -> Int { Int(bytes.littleEndian(UInt16.self, at: start + offset) ?? 0) }
    func wide(_ offset: Int) -> Int { Int(bytes.littleEndian(UInt32.self, at: start + offset) ?? 0) }
    let (disk, directoryDisk, diskEntries, entries) = (small(4), small(6), small(8), small(10))
    let (size, offset) = (wide(12), wide(16))

    let locator = start - ZipEnd.locatorBytes
    guard locator >= 0, bytes.littleEndian(UInt32.self, at: locator) == 0x0706_4B50 else {
      guard disk == 0, directoryDisk == 0, diskEntries == entries else {
        throw error(.unsupported, start, "the archive is split over several files")
      }
      guard offset + size == start else {
        throw error(.malformed, start, "the directory at \(offset) with \(size) bytes does not end where the end record starts")
      }
      (entryCount, directoryOffset, directoryEnd) = (entries, offset, start)
      return
    }

    let large = locator - ZipEnd.largeEndBytes
    guard large >= 0, bytes.littleEndian(UInt64.self, at: locator + 8) == UInt64(large),
      bytes.littleEndian(UInt32.self, at: large) == 0x0606_4B50,
      bytes.littleEndian(UInt64.self, at: large + 4) == UInt64(ZipEnd.largeEndBytes - 12)
    else { throw error(.malformed, locator, "the zip64 end record is not directly before its locator") }
    func largeField(_ offset: Int) -> UInt64 { bytes.littleEndian(UInt64.self, at: large + offset) ?? 0 }
    guard bytes.littleEndian(UInt32.self, at: locator + 4) == 0, bytes.littleEndian(UInt32.self, at: locator + 16) == 1,
      bytes.littleEndian(UInt32.self, at: large + 16) == 0, bytes.littleEndian(UInt32.self, at: large + 20) == 0,
      largeField(24) == largeField(32)
    else { throw error(.unsupported, large, "the archive is split over several files") }
    guard let largeEntries = Int(exactly: largeField(32)), let largeSize = Int(exactly: largeField(40)),
      let largeOffset = Int(exactly: largeField(48)), largeOffset.adding(largeSize) == large
    else { throw error(.malformed, large, "the directory does not end where the zip64 end record starts") }
    // The small record repeats the large one, or says with all bits set that it cannot.
    guard disk == 0 || disk == 0xFFFF, directoryDisk == 0 || directoryDisk == 0xFFFF,
      diskEntries == largeEntries || diskEntries == 0xFFFF, entries == largeEntries || entries == 0xFFFF,
      size == largeSize || size == 0xFFFF_FFFF, offset == largeOffset || offset == 0xFFFF_FFFF
    else { throw error(.malformed, start, "the end record and the zip64 end record contradict each other") }
    (entryCount, directoryOffset, directoryEnd) = (largeEntries, largeOffset, large)
  }
}
