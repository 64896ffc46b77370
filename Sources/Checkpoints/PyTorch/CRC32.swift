internal import ByteStorage

/// The CRC-32 of zip archives over bytes that arrive in pieces, 16 bytes a step.
///
/// - Source: the reflected polynomial 0xEDB88320 of ISO 3309; Intel's slicing-by-8 (Kounavis and
///   Berry, 2005), taken to 16.
struct CRC32 {
  private var state: UInt32 = .max

  /// The checksum of what was given so far.
  var value: UInt32 { ~state }

  /// `tables[256 * k + b]`: the effect of byte `b` after `k` more bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 16 * 256)
    for byte in 0..<256 {
      var remainder = UInt32(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 0 ? 0 : 0xEDB8_8320) }
      tables[byte] = remainder
    }
    for index in 256..<16 * 256 {
      let shorter = tables[index - 256]
      tables[index] = shorter >> 8 ^ tables[Int(shorter & 0xFF)]
    }
    return tables
  }()

  static func of(_ bytes: RawSpan) -> UInt32 {
    var checksum = CRC32()
    checksum.update(bytes)
    return checksum.value
  }

  mutating func update(_ bytes: RawSpan) {
    // Sound: both buffers are borrowed for the call; steps of 16 stay below the count, and every
    // table index is at most 15 * 256 + 255.
    state = unsafe bytes.withUnsafeBytes { bytes in
      unsafe CRC32.tables.withUnsafeBufferPointer { tables in
        var crc = state
        var offset = 0
        while offset + 16 <= bytes.count {
          let low = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ UInt64(crc)
          let high = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
          crc = unsafe CRC32.fold(low, tables, 15) ^ CRC32.fold(high, tables, 7)
          offset += 16
        }
        while offset < bytes.count {
          crc = unsafe crc >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[offset])]
          offset += 1
        }
        return crc
      }
    }
  }

  /// The effect of 8 bytes, the first of which `first` more bytes follow.
  @inline(__always)
  private static func fold(_ word: UInt64, _ tables: UnsafeBufferPointer<UInt32>, _ first: Int) -> UInt32 {
    // Sound for `first` from 7 to 15 and tables of 16 * 256 entries.
    func entry(_ byte: Int) -> UInt32 {
      let value = Int(UInt8(truncatingIfNeeded: word >> (8 * UInt64(byte))))
      return unsafe tables.baseAddress.unsafelyUnwrapped[256 * (first - byte) + value]
    }
    return entry(0) ^ entry(1) ^ entry(2) ^ entry(3) ^ entry(4) ^ entry(5) ^ entry(6) ^ entry(7)
  }
}
