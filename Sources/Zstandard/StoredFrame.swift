internal import ByteStorage

/// A frame whose blocks hold the content as it is (RFC 8878, 3.1.1): what does not compress costs no more than a copy.
public enum StoredFrame {
  private static let magic: UInt32 = 0xFD2F_B528
  /// The most that a block may hold.
  private static let blockByteCount = 128 << 10
  /// Descriptors for a content size of one byte and of four, with a window that is the content.
  private static let short: UInt8 = 0x20, long: UInt8 = 0xA0
  private static let longest = 1 << 30

  /// Bytes that the frame has before its blocks.
  private static func headerByteCount(_ contentByteCount: Int) -> Int { contentByteCount < 256 ? 6 : 9 }

  /// Bytes of the frame of so much content.
  public static func byteCount(_ contentByteCount: Int) -> Int {
    headerByteCount(contentByteCount) + 3 * max(1, (contentByteCount + blockByteCount - 1) / blockByteCount) + contentByteCount
  }

  /// Where the content of each block lies in a frame that is as `write` makes it; nil for any other.
  /// - Parameter contentByteCount: What the frame is said to hold.
  public static func pieces(of frame: RawSpan, contentByteCount: Int) -> [Range<Int>]? {
    guard contentByteCount < longest, frame.byteCount == byteCount(contentByteCount), frame.littleEndian(UInt32.self, at: 0) == magic else { return nil }
    let isHeader = contentByteCount < 256
      ? frame[4] == short && Int(frame[5]) == contentByteCount
      : frame[4] == long && frame.littleEndian(UInt32.self, at: 5) == UInt32(contentByteCount)
    guard isHeader else { return nil }
    var (pieces, place, start) = ([Range<Int>](), headerByteCount(contentByteCount), 0)
    repeat {
      let length = min(blockByteCount, contentByteCount - start)
      let header = UInt32(frame[place]) | UInt32(frame[place + 1]) << 8 | UInt32(frame[place + 2]) << 16
      guard header == blockHeader(length, isLast: start + length == contentByteCount) else { return nil }
      pieces.append(place + 3..<place + 3 + length)
      (place, start) = (place + 3 + length, start + length)
    } while start < contentByteCount
    return pieces
  }

  /// Of a raw block: its type is 0, its size from bit 3 on.
  private static func blockHeader(_ length: Int, isLast: Bool) -> UInt32 { UInt32(length) << 3 | (isLast ? 1 : 0) }

  /// Writes the frame at `offset`; traps where it does not fit.
  /// - Returns: Bytes of the frame.
  public static func write(_ content: RawSpan, into target: inout MutableRawSpan, at offset: Int) -> Int {
    let count = content.byteCount
    precondition(count < longest, "a stored frame is short")
    target.storeLittleEndian(magic, at: offset)
    if count < 256 {
      target.storeLittleEndian(short, at: offset + 4)
      target.storeLittleEndian(UInt8(count), at: offset + 5)
    } else {
      target.storeLittleEndian(long, at: offset + 4)
      target.storeLittleEndian(UInt32(count), at: offset + 5)
    }
    var place = offset + headerByteCount(count)
    var start = 0
    repeat {
      let length = min(blockByteCount, count - start)
      let header = blockHeader(length, isLast: start + length == count)
      for byte in 0..<3 { target.storeLittleEndian(UInt8(truncatingIfNeeded: header >> (8 * byte)), at: place + byte) }
      target.copy(content.extracting(start..<start + length), to: place + 3)
      start += length
      place += 3 + length
    } while start < count
    return place - offset
  }
}
