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
  @inlinable
  public func equals(at start: Int, _ other: borrowing RawSpan, _ range: Range<Int>) -> Bool {
    precondition(start >= 0 && range.count <= byteCount - start, "offset out of bounds")
    precondition(range.lowerBound >= 0 && range.upperBound <= other.byteCount, "range out of bounds")
    let (count, theirs) = (range.count, range.lowerBound)
    // The last word may reach back into the one before it.
    guard count < 8 else {
      var offset = 0
      while offset <= count - 8 {
        guard unsafe sameWord(UInt64.self, start + offset, other, theirs + offset) else { return false }
        offset += 8
      }
      return unsafe sameWord(UInt64.self, start + count - 8, other, theirs + count - 8)
    }
    guard count < 4 else {
      return unsafe sameWord(UInt32.self, start, other, theirs) && sameWord(UInt32.self, start + count - 4, other, theirs + count - 4)
    }
    var offset = 0
    while offset < count {
      guard unsafe sameWord(UInt8.self, start + offset, other, theirs + offset) else { return false }
      offset += 1
    }
    return true
  }

  /// Unsafe because the caller has checked that both words are inside their spans.
  @unsafe @inlinable @inline(__always)
  func sameWord<Word: FixedWidthInteger & BitwiseCopyable>(_ type: Word.Type, _ mine: Int, _ other: borrowing RawSpan, _ theirs: Int) -> Bool {
    unsafe unsafeLoadUnaligned(fromByteOffset: mine, as: type) == other.unsafeLoadUnaligned(fromByteOffset: theirs, as: type)
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
  @inlinable
  package mutating func append(littleEndian value: some FixedWidthInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
