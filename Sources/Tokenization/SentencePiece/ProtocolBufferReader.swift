internal import ByteStorage

/// Reads the fields of one protocol-buffer message, bounds checked.
///
/// - Source: the protocol-buffer wire format: varints, 64-bit, length-delimited and 32-bit values.
struct ProtocolBufferReader {
  enum Value {
    case integer(UInt64)
    /// A string, bytes or a message: where it lies.
    case bytes(Range<Int>)
    case fixed32(UInt32)
    case fixed64(UInt64)
  }

  private let bytes: [UInt8]
  private let end: Int
  private let file: String
  private(set) var position: Int

  init(_ bytes: [UInt8], _ range: Range<Int>, file: String) {
    (self.bytes, self.file, position, end) = (bytes, file, range.lowerBound, range.upperBound)
  }

  /// The next field, or nil at the end of the message.
  /// - Throws: `malformed` with the offset, where the message is cut off or is none.
  mutating func next() throws(GriffinError) -> (field: Int, value: Value)? {
    guard position < end else { return nil }
    let start = position
    let tag = try varint()
    let field = Int(truncatingIfNeeded: tag >> 3)
    guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw malformed("field number \(tag >> 3) is none", at: start) }
    switch tag & 7 {
    case 0: return (field, .integer(try varint()))
    case 1: return (field, .fixed64(try fixed(8)))
    case 5: return (field, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
    case 2:
      let count = try varint()
      guard count <= UInt64(end - position) else {
        throw malformed("field \(field) has \(count) bytes, but only \(end - position) are left: the file is cut off or is no model", at: start)
      }
      let range = position..<position + Int(count)
      position = range.upperBound
      return (field, .bytes(range))
    case let type: throw malformed("field \(field) is of wire type \(type), which is not known", at: start)
    }
  }

  private mutating func varint() throws(GriffinError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard position < end else { throw malformed("a number is cut off", at: start) }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw malformed("a number has more than 10 bytes", at: start)
  }

  private mutating func fixed(_ count: Int) throws(GriffinError) -> UInt64 {
    guard end - position >= count else { throw malformed("a number is cut off", at: position) }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += count
    return value
  }

  func malformed(_ message: String, at offset: Int) -> GriffinError {
    GriffinError(.malformed, file: file, offset: offset, message)
  }
}
