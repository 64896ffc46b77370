internal import Tensors

/// What every block format reads and writes: little-endian integers, bounds-checked.
///
/// Sound because every access is checked against the span, and integers have no invalid bits.
extension RawSpan {
  /// The bits of a half at a byte offset.
  func half(at offset: Int) -> UInt16 {
    unsafe UInt16(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// A 32-bit integer at a byte offset.
  func word(at offset: Int) -> UInt32 {
    unsafe UInt32(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// The value of the half at a byte offset.
  func scale(at offset: Int) -> Float { Float(halfBits: half(at: offset)) }

  /// The lower half of a byte for `index` 0, the upper for 1.
  func nibble(at offset: Int, _ index: Int) -> Int { Int(byte(at: offset) >> (4 * UInt8(index)) & 15) }

  /// A pair of a byte's bits, the lowest for `index` 0.
  func crumb(at offset: Int, _ index: Int) -> Int { Int(byte(at: offset) >> (2 * UInt8(index)) & 3) }

  /// One bit, counted from the lowest of the byte at `offset`.
  func bit(at offset: Int, _ index: Int) -> Int { Int(byte(at: offset + index / 8) >> UInt8(index % 8) & 1) }

  /// An unsigned byte.
  func byte(at offset: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

  /// A signed byte.
  func signed(at offset: Int) -> Int8 { Int8(bitPattern: byte(at: offset)) }
}

extension MutableRawSpan {
  /// Stores an integer at a byte offset.
  mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
  }
}
