/// Bounds-checked reads of unaligned little-endian integers.
///
/// Sound because every access is checked against the span first and integers have no invalid bits.
extension RawSpan {
  /// The integer at `offset`, or nil where the span ends before it does.
  public func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at offset: Int) -> Value? {
    guard offset >= 0, let end = offset.adding(MemoryLayout<Value>.size), end <= byteCount else { return nil }
    return Value(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  /// The byte at `offset`; traps out of bounds.
  public subscript(_ offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < byteCount, "offset out of bounds")
    return unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
  }

  /// A copy of the bytes.
  public var copied: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }

  /// The bytes as text, or nil where they are not UTF-8.
  public var utf8Text: String? { unsafe withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) } }

  /// Whether both spans hold the same bytes.
  public func equals(_ other: borrowing RawSpan) -> Bool {
    guard byteCount == other.byteCount else { return false }
    return unsafe withUnsafeBytes { mine in unsafe other.withUnsafeBytes { unsafe mine.elementsEqual($0) } }
  }
}

extension MutableRawSpan {
  /// Stores an integer in little-endian order; traps out of bounds.
  public mutating func storeLittleEndian<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
    precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= byteCount, "offset out of bounds")
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
  }
}
