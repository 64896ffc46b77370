/// What every block format reads and writes: little-endian integers, bounds-checked.
///
/// Sound because every access is checked against the span, and integers have no invalid bits.
extension RawSpan {
  /// The bits of a half at a byte offset.
  func half(at offset: Int) -> UInt16 {
    unsafe UInt16(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

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
