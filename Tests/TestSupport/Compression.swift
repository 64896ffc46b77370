private import ByteStorage
private import Zstandard

/// Streams of the formats that archives come in, made by code. Only zstd's is smaller than what goes in.
public enum Compression: String, CaseIterable, Sendable {
  case none = ".tar"
  case gzip = ".tar.gz"
  case xz = ".tar.xz"
  case zstd = ".tar.zst"

  public func callAsFunction(_ bytes: [UInt8]) throws -> [UInt8] {
    switch self {
    case .none: bytes
    case .gzip: Compression.gzip(bytes)
    case .xz: Compression.xz(bytes)
    case .zstd: try Zstandard.compress(bytes.rawBytes)
    }
  }

  /// RFC 1952 around stored blocks of RFC 1951.
  private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    for start in stride(from: 0, to: bytes.count, by: 0xFFFF) {
      let block = bytes[start..<min(start + 0xFFFF, bytes.count)]
      let count = UInt16(block.count)
      file += [block.endIndex == bytes.count ? 1 : 0] + littleEndian(count) + littleEndian(~count) + block
    }
    return file + littleEndian(crc32(bytes)) + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
  }

  /// The .xz file format 1.2: one block of uncompressed LZMA2 chunks, checked by CRC-32.
  private static func xz(_ bytes: [UInt8]) -> [UInt8] {
    let flags: [UInt8] = [0, 1]
    var file = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00] + flags + littleEndian(crc32(flags))
    // Size in words less one, one filter, LZMA2 (0x21) with one property: a dictionary of 64 KiB.
    let header: [UInt8] = [2, 0, 0x21, 1, 8, 0, 0, 0]
    var block = header + littleEndian(crc32(header))
    for start in stride(from: 0, to: bytes.count, by: 1 << 16) {
      let chunk = bytes[start..<min(start + 1 << 16, bytes.count)]
      let size = UInt16(chunk.count - 1)
      block += [start == 0 ? 1 : 2, UInt8(size >> 8), UInt8(truncatingIfNeeded: size)] + chunk
    }
    block.append(0)
    let unpadded = block.count + 4
    block += [UInt8](repeating: 0, count: (4 - block.count % 4) % 4) + littleEndian(crc32(bytes))
    var index: [UInt8] = [0, 1] + variable(unpadded) + variable(bytes.count)
    index += [UInt8](repeating: 0, count: (4 - index.count % 4) % 4)
    index += littleEndian(crc32(index))
    let footer = littleEndian(UInt32(index.count / 4 - 1)) + flags
    file += block + index + littleEndian(crc32(footer)) + footer + [0x59, 0x5A]
    return file
  }

  /// Seven bits a byte, the lowest first.
  private static func variable(_ value: Int) -> [UInt8] {
    var (rest, result) = (value, [UInt8]())
    while rest >= 0x80 {
      result.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }
}
