internal import ByteStorage

/// One entry of a zip archive's central directory, checked, and compared with its local header.
///
/// - Source: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.9, 4.3.12 and 4.5.3.
struct ZipDirectoryEntry {
  private(set) var name = ""
  private(set) var byteCount = 0
  private(set) var checksum: UInt32 = 0
  /// Where the local header starts.
  private(set) var localOffset = 0
  private var flags: UInt16 = 0

  private static let directoryBytes = 46
  private static let localBytes = 30
  /// Bit 3: sizes and checksum follow the data. Bit 11: the name is UTF-8.
  private static let deferredFlag: UInt16 = 1 << 3
  private static let knownFlags: UInt16 = deferredFlag | 1 << 11

  /// Reads the entry at `position` and moves on to the next.
  init(_ file: InputFile, at position: inout Int, limit: Int) throws(GriffinError) {
    let bytes = file.bytes
    let start = position
    guard start + ZipDirectoryEntry.directoryBytes <= limit, bytes.littleEndian(UInt32.self, at: start) == 0x0201_4B50 else {
      throw GriffinError(.malformed, file: file.path, offset: start, "expected an entry of the zip directory")
    }
    func small(_ offset: Int) -> UInt16 { bytes.littleEndian(UInt16.self, at: start + offset) ?? 0 }
    func wide(_ offset: Int) -> UInt32 { bytes.littleEndian(UInt32.self, at: start + offset) ?? 0 }
    let nameEnd = start + ZipDirectoryEntry.directoryBytes + Int(small(28))
    let extraEnd = nameEnd + Int(small(30))
    let entryEnd = extraEnd + Int(small(32))
    guard entryEnd <= limit else {
      throw GriffinError(.malformed, file: file.path, offset: start, "an entry of the zip directory exceeds the directory")
    }
    guard let name = bytes.extracting(start + ZipDirectoryEntry.directoryBytes..<nameEnd).utf8Text else {
      throw GriffinError(.malformed, file: file.path, offset: start, "the name of an archive member is not UTF-8")
    }
    self.name = name
    (flags, checksum) = (small(8), wide(16))
    if let objection = ZipDirectoryEntry.objection(toName: name) { throw error(file, .unsafe, at: start, objection) }
    guard flags & 1 == 0 else { throw error(file, .unsupported, at: start, "is encrypted") }
    guard small(10) == 0 else {
      throw error(file, .unsupported, at: start, "is compressed (method \(small(10))); torch.save stores its members as they are")
    }
    guard flags & ~ZipDirectoryEntry.knownFlags == 0 else { throw error(file, .unsupported, at: start, "has the flags \(flags)") }
    let isUnix = small(4) >> 8 == 3
    guard !isUnix || wide(38) >> 16 & 0xF000 != 0xA000 else { throw error(file, .unsafe, at: start, "is a symbolic link") }

    var large = try ZipLargeSizes(file, extra: nameEnd..<extraEnd)
    let uncompressed = large.resolve(wide(24))
    let compressed = large.resolve(wide(20))
    guard let offset = large.resolve(wide(42)), let uncompressed, let compressed else {
      throw error(file, .malformed, at: start, "has a size or offset that its zip64 field lacks")
    }
    guard small(34) == 0 || small(34) == 0xFFFF && large.disk == 0 else {
      throw error(file, .unsupported, at: start, "is in another file of a split archive")
    }
    guard uncompressed == compressed else {
      throw error(file, .malformed, at: start, "is stored, but has \(compressed) bytes for a content of \(uncompressed)")
    }
    guard !name.hasSuffix("/") || uncompressed == 0 else { throw error(file, .malformed, at: start, "is a folder with content") }
    (byteCount, localOffset) = (uncompressed, offset)
    position = entryEnd
  }

  func error(_ file: InputFile, _ kind: GriffinError.Kind, at offset: Int, _ message: String) -> GriffinError {
    GriffinError(kind, file: file.path, offset: offset, "the archive member \(name.shortened()) \(message)")
  }

  private static func objection(toName name: String) -> String? {
    if name.isEmpty { return "has no name" }
    if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { return "has control characters in its name" }
    if name.utf8.contains(UInt8(ascii: "\\")) || name.hasPrefix("/") { return "has an absolute name or backslashes in it" }
    if name.split(separator: "/", omittingEmptySubsequences: false).contains(where: { $0 == ".." }) { return "leaves the archive's folder" }
    return nil
  }

  /// Where the data start, after the local header was found to say the same as the directory.
  /// - Parameter limit: Where the next member or the directory starts.
  func dataOffset(checkedIn file: InputFile, limit: Int) throws(GriffinError) -> Int {
    let bytes = file.bytes
    try file.require(localOffset..<localOffset + ZipDirectoryEntry.localBytes)
    func small(_ offset: Int) -> UInt16 { bytes.littleEndian(UInt16.self, at: localOffset + offset) ?? 0 }
    func wide(_ offset: Int) -> UInt32 { bytes.littleEndian(UInt32.self, at: localOffset + offset) ?? 0 }
    guard localOffset + ZipDirectoryEntry.localBytes <= limit else {
      throw error(file, .malformed, at: localOffset, "overlaps what follows it")
    }
    guard wide(0) == 0x0403_4B50 else { throw error(file, .malformed, at: localOffset, "has no local header") }
    let nameEnd = localOffset + ZipDirectoryEntry.localBytes + Int(small(26))
    let dataOffset = nameEnd + Int(small(28))
    guard let dataEnd = dataOffset.adding(byteCount), dataEnd <= limit else {
      throw error(file, .malformed, at: localOffset, "has \(byteCount) bytes, which overlap what follows or exceed the file")
    }
    try file.require(localOffset..<dataOffset)
    try file.require(dataEnd..<min(limit, dataEnd + 32))
    guard bytes.extracting(localOffset + ZipDirectoryEntry.localBytes..<nameEnd).equals(name.rawBytes) else {
      throw error(file, .malformed, at: localOffset, "has another name in its local header")
    }
    guard small(6) == flags, small(8) == 0 else {
      throw error(file, .malformed, at: localOffset, "has other flags or another method in its local header")
    }
    let isDeferred = flags & ZipDirectoryEntry.deferredFlag != 0
    var large = try ZipLargeSizes(file, extra: nameEnd..<dataOffset, isPadded: true)
    let (uncompressed, compressed) = (large.resolve(wide(22)), large.resolve(wide(18)))
    let sizesAgree = uncompressed == byteCount && compressed == byteCount
    guard sizesAgree || isDeferred && (uncompressed ?? 0) == 0 && (compressed ?? 0) == 0 else {
      throw error(file, .malformed, at: localOffset, "has another size in its local header")
    }
    guard wide(14) == checksum || isDeferred && wide(14) == 0 else {
      throw error(file, .malformed, at: localOffset, "has another checksum in its local header")
    }
    guard isDeferred || dataEnd == limit else {
      throw error(file, .malformed, at: dataEnd, "is followed by \(limit - dataEnd) bytes that belong to no member")
    }
    guard !isDeferred || hasDescriptor(bytes.extracting(dataEnd..<limit)) else {
      throw error(file, .malformed, at: dataEnd, "is followed by \(limit - dataEnd) bytes that are no record of its size and checksum")
    }
    return dataOffset
  }

  /// Whether the bytes after the data are a data descriptor: with or without signature, sizes of 4 or 8 bytes.
  private func hasDescriptor(_ bytes: RawSpan) -> Bool {
    let hasSignature = bytes.byteCount == 16 || bytes.byteCount == 24
    guard [12, 16, 20, 24].contains(bytes.byteCount), !hasSignature || bytes.littleEndian(UInt32.self, at: 0) == 0x0807_4B50 else {
      return false
    }
    let fields = bytes.extracting((hasSignature ? 4 : 0)..<bytes.byteCount)
    guard fields.littleEndian(UInt32.self, at: 0) == checksum else { return false }
    if fields.byteCount == 12 {
      let size = UInt32(exactly: byteCount)
      return size != nil && fields.littleEndian(UInt32.self, at: 4) == size && fields.littleEndian(UInt32.self, at: 8) == size
    }
    let size = UInt64(byteCount)
    return fields.littleEndian(UInt64.self, at: 4) == size && fields.littleEndian(UInt64.self, at: 12) == size
  }
}

/// The zip64 extra field: the numbers that did not fit their 32 bits, in a fixed order.
struct ZipLargeSizes {
  private var values: [UInt64] = []
  private var next = 0
  /// The number of the disk, where the field ends with one.
  private(set) var disk: UInt32?

  /// - Parameter isPadded: Whether padding may follow the fields, as writers that align data leave it.
  init(_ file: InputFile, extra: Range<Int>, isPadded: Bool = false) throws(GriffinError) {
    let bytes = file.bytes
    var position = extra.lowerBound
    var isFound = false
    while extra.upperBound - position >= 4 {
      let identifier = bytes.littleEndian(UInt16.self, at: position)
      let end = position + 4 + Int(bytes.littleEndian(UInt16.self, at: position + 2) ?? 0)
      guard end <= extra.upperBound else {
        if isPadded { return }
        throw GriffinError(.malformed, file: file.path, offset: position, "an extra field of an archive member exceeds its header")
      }
      if identifier == 1 {
        guard !isFound else {
          throw GriffinError(.malformed, file: file.path, offset: position, "an archive member has two zip64 fields")
        }
        isFound = true
        for offset in stride(from: position + 4, to: end - 7, by: 8) { values.append(bytes.littleEndian(UInt64.self, at: offset) ?? 0) }
        if (end - position) % 8 == 0 { disk = bytes.littleEndian(UInt32.self, at: end - 4) }
      }
      position = end
    }
  }

  /// The number that a 32-bit field stands for; nil where the field refers to a number that is not there.
  mutating func resolve(_ field: UInt32) -> Int? {
    guard field == .max else { return Int(field) }
    guard next < values.count else { return nil }
    next += 1
    return Int(exactly: values[next - 1])
  }
}
