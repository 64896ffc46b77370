internal import Patterns

/// The characters that stand for bytes in the pieces of a byte-level vocabulary.
///
/// Bytes that are printable in Latin-1 stand for themselves, the others for U+0100 and on, in order.
/// - Source: `bytes_to_unicode` of GPT-2's encoder.
package enum ByteAlphabet {
  /// The byte of each scalar below 0x144; -1 for none.
  private static let bytes: [Int16] = {
    var bytes = [Int16](repeating: -1, count: 0x144)
    var next = 0x100
    for byte in 0..<256 {
      if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte) {
        bytes[byte] = Int16(byte)
      } else {
        bytes[next] = Int16(byte)
        next += 1
      }
    }
    return bytes
  }()

  /// The bytes that a piece stands for, or nil where one of its characters stands for none.
  static func decode(_ piece: ArraySlice<UInt8>) -> [UInt8]? {
    var result = [UInt8](repeating: 0, count: piece.count)
    let count = decode(piece.span, 0..<piece.count, into: &result)
    return count.map { Array(result.prefix($0)) }
  }

  /// Writes the bytes that a piece stands for, at most as many as it has.
  /// - Returns: How many they are; nil, with some of them written, where a character stands for none.
  static func decode(_ piece: Span<UInt8>, _ range: Range<Int>, into result: inout [UInt8]) -> Int? {
    var written = result.mutableSpan
    var (position, count) = (range.lowerBound, 0)
    let bytes = bytes.span
    while position < range.upperBound {
      let (value, length) = piece.scalar(at: position)
      guard value < bytes.count, bytes[Int(value)] >= 0 else { return nil }
      written[count] = UInt8(truncatingIfNeeded: bytes[Int(value)])
      count += 1
      position += length
    }
    return count
  }

  /// The character that stands for each byte, in UTF-8.
  private static let spellings: [[UInt8]] = {
    var spellings = [[UInt8]](repeating: [], count: 256)
    for (scalar, byte) in bytes.enumerated() where byte >= 0 {
      spellings[Int(byte)] = Unicode.Scalar(UInt32(scalar)).map { Array(String($0).utf8) } ?? []
    }
    return spellings
  }()

  /// Bytes as the characters that stand for them.
  package static func spell(_ bytes: ArraySlice<UInt8>) -> [UInt8] { bytes.flatMap { spellings[Int($0)] } }
}
