internal import ByteStorage

/// The arguments that follow an opcode.
extension PickleMachine {
  private static let maximumLineBytes = 1024
  /// More than PyTorch's own magic number needs.
  private static let maximumLongBytes = 255

  /// Reads a little-endian integer without sign, of 1, 2, 4 or 8 bytes.
  mutating func readInteger(_ byteCount: Int) throws(GriffinError) -> Int {
    let start = position
    guard byteCount <= bytes.byteCount - start else { throw truncated() }
    position += byteCount
    var value: UInt64 = 0
    for index in (0..<byteCount).reversed() { value = value << 8 | UInt64(bytes[start + index]) }
    return Int(truncatingIfNeeded: value)
  }

  /// Reads an integer in two's complement.
  mutating func readLong(byteCount: Int) throws(GriffinError) -> PickleValue {
    guard byteCount <= PickleMachine.maximumLongBytes else {
      throw failure(.unsafe, "the pickle holds an integer of \(byteCount) bytes")
    }
    guard byteCount <= bytes.byteCount - position else { throw truncated() }
    let digits = bytes.extracting(position..<position + byteCount).copied
    position += byteCount
    guard byteCount <= 8 else { return .wideInteger(digits) }
    var value = digits.last.map { $0 & 0x80 != 0 ? -1 : 0 } ?? 0
    for digit in digits.reversed() { value = value << 8 | Int(digit) }
    return .integer(value)
  }

  mutating func readText(byteCount: Int) throws(GriffinError) -> String {
    // An 8-byte length beyond Int arrives as a negative number.
    guard byteCount >= 0, byteCount <= bytes.byteCount - position else { throw truncated() }
    guard let text = bytes.extracting(position..<position + byteCount).utf8Text else {
      throw failure(.malformed, "a text in the pickle is not UTF-8")
    }
    position += byteCount
    return text
  }

  mutating func readLine() throws(GriffinError) -> String {
    let start = position
    while true {
      guard position < bytes.byteCount else { throw truncated() }
      guard position - start <= PickleMachine.maximumLineBytes else {
        throw failure(.malformed, "a name in the pickle is longer than \(PickleMachine.maximumLineBytes) bytes")
      }
      position += 1
      if bytes[position - 1] == UInt8(ascii: "\n") { break }
    }
    guard let text = bytes.extracting(start..<position - 1).utf8Text else {
      throw failure(.malformed, "a name in the pickle is not UTF-8")
    }
    return text
  }

  /// Frames are hints for readers that buffer; they only have to fit.
  mutating func checkFrame() throws(GriffinError) {
    let byteCount = try readInteger(8)
    guard byteCount >= 0, byteCount <= bytes.byteCount - position else { throw truncated() }
  }

  private func truncated() -> GriffinError {
    failure(.malformed, "the pickle ends inside an opcode; the file may be truncated")
  }
}
