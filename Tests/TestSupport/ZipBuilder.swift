/// Makes zip archives of stored members, right ones and wrong ones.
public struct ZipBuilder {
  public struct Member {
    public var name: String
    public var bytes: [UInt8]
    public var method: UInt16 = 0
    public var flags: UInt16 = 0
    public var externalAttributes: UInt32 = 0
    public var madeBy: UInt16 = 0
    /// What the local header says where it shall differ from the directory.
    public var localName: String?
    public var localBytes: UInt32?
    public var localChecksum: UInt32?
    public var localFlags: UInt16?
    /// What both headers say where it shall differ from the truth.
    public var checksum: UInt32?
    public var compressedBytes: UInt32?
    public var uncompressedBytes: UInt32?
    public var localExtra: [UInt8] = []
    public var directoryExtra: [UInt8] = []
    /// Follows the data.
    public var descriptor: [UInt8] = []
    /// Comes before the local header.
    public var gap: [UInt8] = []
    /// Added to the offset that the directory gives.
    public var offsetError: Int = 0

    public init(_ name: String, _ bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }

    public var trueChecksum: UInt32 { crc32(bytes) }
  }

  public var members: [Member] = []
  public var comment: [UInt8] = []
  public var hasLargeEnd = false
  /// Added to the number of entries that the end record gives.
  public var entryCountError = 0
  public var diskNumber: UInt16 = 0
  /// Comes between the last member and the directory.
  public var gapBeforeDirectory: [UInt8] = []

  public init() {}

  public mutating func add(_ name: String, _ bytes: [UInt8]) { members.append(Member(name, bytes)) }

  public var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      file += member.gap
      let offset = file.count
      let checksum = member.checksum ?? member.trueChecksum
      let compressed = member.compressedBytes ?? UInt32(member.bytes.count)
      let uncompressed = member.uncompressedBytes ?? UInt32(member.bytes.count)
      let localName = Array((member.localName ?? member.name).utf8)
      file += littleEndian(UInt32(0x0403_4B50)) + littleEndian(UInt16(0)) + littleEndian(member.localFlags ?? member.flags)
      file += littleEndian(member.method) + littleEndian(UInt32(0)) + littleEndian(member.localChecksum ?? checksum)
      file += littleEndian(member.localBytes ?? compressed) + littleEndian(member.localBytes ?? uncompressed)
      file += littleEndian(UInt16(localName.count)) + littleEndian(UInt16(member.localExtra.count)) + localName + member.localExtra
      file += member.bytes + member.descriptor
      let name = Array(member.name.utf8)
      directory += littleEndian(UInt32(0x0201_4B50)) + littleEndian(member.madeBy) + littleEndian(UInt16(0))
      directory += littleEndian(member.flags) + littleEndian(member.method) + littleEndian(UInt32(0)) + littleEndian(checksum)
      directory += littleEndian(compressed) + littleEndian(uncompressed) + littleEndian(UInt16(name.count))
      directory += littleEndian(UInt16(member.directoryExtra.count)) + littleEndian(UInt16(0)) + littleEndian(UInt16(0))
      directory += littleEndian(UInt16(0)) + littleEndian(member.externalAttributes)
      directory += littleEndian(UInt32(offset + member.offsetError)) + name + member.directoryExtra
    }
    file += gapBeforeDirectory
    let start = file.count
    let count = members.count + entryCountError
    file += directory
    if hasLargeEnd {
      let large = file.count
      file += littleEndian(UInt32(0x0606_4B50)) + littleEndian(UInt64(44)) + littleEndian(UInt32(0)) + littleEndian(UInt64(0))
      file += littleEndian(UInt64(count)) + littleEndian(UInt64(count)) + littleEndian(UInt64(directory.count))
      file += littleEndian(UInt64(start)) + littleEndian(UInt32(0x0706_4B50)) + littleEndian(UInt32(0)) + littleEndian(UInt64(large))
      file += littleEndian(UInt32(1))
    }
    let hidden = hasLargeEnd
    file += littleEndian(UInt32(0x0605_4B50)) + littleEndian(diskNumber) + littleEndian(UInt16(0))
    for _ in 0..<2 { file += littleEndian(hidden ? UInt16.max : UInt16(count)) }
    file += littleEndian(hidden ? UInt32.max : UInt32(directory.count)) + littleEndian(hidden ? UInt32.max : UInt32(start))
    return file + littleEndian(UInt16(comment.count)) + comment
  }
}

/// The CRC-32 of zip archives, bit by bit.
public func crc32(_ bytes: [UInt8]) -> UInt32 {
  var state = UInt32.max
  for byte in bytes {
    state ^= UInt32(byte)
    for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ 0xEDB8_8320 : state >> 1 }
  }
  return ~state
}
