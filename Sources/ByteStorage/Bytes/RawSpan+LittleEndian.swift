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
  @inlinable
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
    byteCount == other.byteCount && equals(at: 0, other, 0..<other.byteCount)
  }

  /// Whether the bytes from `start` on are those at `range` of another span; traps out of bounds.
  public func equals(at start: Int, _ other: borrowing RawSpan, _ range: Range<Int>) -> Bool {
    precondition(start >= 0 && range.count <= byteCount - start, "offset out of bounds")
    precondition(range.lowerBound >= 0 && range.upperBound <= other.byteCount, "range out of bounds")
    /// Whether the words `offset` bytes behind both starts are equal.
    func same<Word: FixedWidthInteger & BitwiseCopyable>(_ type: Word.Type, _ offset: Int) -> Bool {
      let mine = unsafe unsafeLoadUnaligned(fromByteOffset: start + offset, as: type)
      return unsafe mine == other.unsafeLoadUnaligned(fromByteOffset: range.lowerBound + offset, as: type)
    }
    let count = range.count
    // The last word may reach back into the one before it.
    guard count < 8 else {
      for offset in stride(from: 0, through: count - 8, by: 8) where !same(UInt64.self, offset) { return false }
      return same(UInt64.self, count - 8)
    }
    guard count < 4 else { return same(UInt32.self, 0) && same(UInt32.self, count - 4) }
    for offset in 0..<count where !same(UInt8.self, offset) { return false }
    return true
  }
}

extension MutableRawSpan {
  /// Stores an integer in little-endian order; traps out of bounds.
  public mutating func storeLittleEndian<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
    precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= byteCount, "offset out of bounds")
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
  }
}

extension [UInt8] {
  /// Adds an integer, its least byte first.
  package mutating func append(littleEndian value: some FixedWidthInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
