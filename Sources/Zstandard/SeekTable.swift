public import ByteStorage

/// Where the frames of a stream are: the seek table at its end, a skippable frame that decoders pass over (zstd's
/// contrib/seekable_format, version 0.1.0).
public struct SeekTable: Sendable, Hashable {
  /// Where frames begin in the file, and where the last one ends.
  public private(set) var offsets: [Int] = [0]
  /// Bytes of each frame's content.
  public private(set) var contentByteCounts: [UInt32] = []

  /// The most frames that are written or read.
  public static let frameLimit = 1 << 24
  private static let skippable: UInt32 = 0x184D_2A5E, seekable: UInt32 = 0x8F92_EAB1
  private static let headerByteCount = 8, entryByteCount = 8, footerByteCount = 9

  public init() {}

  public var frameCount: Int { contentByteCounts.count }
  /// Bytes of all frames.
  public var byteCount: Int { offsets[frameCount] }
  /// Where a frame is in the file.
  public subscript(_ frame: Int) -> Range<Int> { offsets[frame]..<offsets[frame + 1] }

  /// Adds the next frame.
  /// - Throws: `unsupported` where there are too many.
  public mutating func append(byteCount: Int, contentByteCount: Int) throws(GriffinError) {
    guard frameCount < SeekTable.frameLimit else {
      throw GriffinError(.unsupported, "the archive would have more than \(SeekTable.frameLimit) frames")
    }
    offsets.append(offsets[frameCount] + byteCount)
    contentByteCounts.append(UInt32(contentByteCount))
  }

  /// The table's frame.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    func add(_ value: UInt32) { for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) } }
    bytes.reserveCapacity(SeekTable.byteCount(frameCount))
    add(SeekTable.skippable)
    add(UInt32(SeekTable.byteCount(frameCount) - SeekTable.headerByteCount))
    for frame in 0..<frameCount {
      add(UInt32(self[frame].count))
      add(contentByteCounts[frame])
    }
    add(UInt32(frameCount))
    bytes.append(0)
    add(SeekTable.seekable)
    return bytes
  }

  /// Whether a file ends as one with a table does.
  public static func isAtEnd(of file: InputFile) throws(GriffinError) -> Bool { try frameCount(of: file) != nil }

  /// Reads the table at the end of a file.
  /// - Throws: `malformed` where there is none or it does not describe the file; `unsafe` where it has too many frames.
  public init(atEndOf file: InputFile) throws(GriffinError) {
    guard let count = try SeekTable.frameCount(of: file) else {
      throw GriffinError(.malformed, file: file.path, offset: max(file.byteCount - 9, 0), "the file does not end with a seek table: it is cut off or was packed anew")
    }
    guard count <= SeekTable.frameLimit else {
      throw GriffinError(.unsafe, file: file.path, "the seek table has \(count) frames, at most \(SeekTable.frameLimit) are read")
    }
    let byteCount = SeekTable.byteCount(count)
    let start = file.byteCount - byteCount
    guard start >= 0 else {
      throw GriffinError(.malformed, file: file.path, offset: file.byteCount - SeekTable.footerByteCount, "the seek table has \(count) frames, more than the file has room for")
    }
    var buffer = ByteBuffer(byteCount: byteCount)
    var target = buffer.mutableBytes
    try file.read(at: start, into: &target)
    let bytes = buffer.bytes
    func word(_ offset: Int) -> UInt32 { bytes.littleEndian(UInt32.self, at: offset) ?? 0 }
    guard word(0) == SeekTable.skippable, Int(word(4)) == byteCount - SeekTable.headerByteCount, bytes[byteCount - 5] == 0 else {
      throw GriffinError(.malformed, file: file.path, offset: start, "expected a seek table of \(count) frames, found other bytes")
    }
    for frame in 0..<count {
      let entry = SeekTable.headerByteCount + frame * SeekTable.entryByteCount
      offsets.append(offsets[frame] + Int(word(entry)))
      contentByteCounts.append(word(entry + 4))
    }
    guard offsets[count] == start else {
      throw GriffinError(
        .malformed, file: file.path, offset: start, "the seek table's frames have \(offsets[count]) bytes together, and the table begins at byte \(start)")
    }
  }

  private static func byteCount(_ frameCount: Int) -> Int { headerByteCount + frameCount * entryByteCount + footerByteCount }

  /// Frames that the last bytes of a file announce; nil where they are no table's.
  private static func frameCount(of file: InputFile) throws(GriffinError) -> Int? {
    guard file.byteCount >= footerByteCount + headerByteCount else { return nil }
    var buffer = ByteBuffer(byteCount: footerByteCount)
    var target = buffer.mutableBytes
    try file.read(at: file.byteCount - footerByteCount, into: &target)
    let bytes = buffer.bytes
    guard bytes.littleEndian(UInt32.self, at: 5) == seekable, let count = bytes.littleEndian(UInt32.self, at: 0) else { return nil }
    return Int(count)
  }
}
