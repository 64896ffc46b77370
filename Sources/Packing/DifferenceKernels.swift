internal import ByteStorage

/// Differences of bit patterns that are ordered as the numbers are (section 5 of `formats/archive.md`): small where two tensors
/// are close, whatever their scale. Every pattern, NaNs too, has its place, so nothing is lost.
///
/// Unsafe memory is sound here because byte counts are checked first and loops stay within them; loads and stores are unaligned.
package enum DifferenceKernels {
  /// Replaces numbers by their differences from those of a base.
  package static func subtract(_ base: RawSpan, from bytes: inout MutableRawSpan, unitByteCount: Int) {
    if unitByteCount == 2 { each(UInt16.self, &bytes, base, difference) } else { each(UInt32.self, &bytes, base, difference) }
  }

  /// Replaces differences by the numbers again.
  package static func add(_ base: RawSpan, to bytes: inout MutableRawSpan, unitByteCount: Int) {
    if unitByteCount == 2 { each(UInt16.self, &bytes, base, sum) } else { each(UInt32.self, &bytes, base, sum) }
  }

  @inline(__always) private static func each<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ type: Word.Type, _ bytes: inout MutableRawSpan, _ base: RawSpan, _ body: (Word, Word) -> Word
  ) {
    let count = bytes.byteCount / MemoryLayout<Word>.size
    precondition(bytes.byteCount == base.byteCount && bytes.byteCount == count * MemoryLayout<Word>.size, "two blocks of one size")
    unsafe bytes.withUnsafeMutableBytes { values in
      unsafe base.withUnsafeBytes { other in
        guard let values = values.baseAddress, let other = other.baseAddress else { return }
        for index in 0..<count {
          let offset = index &* MemoryLayout<Word>.size
          let value = unsafe Word(littleEndian: values.loadUnaligned(fromByteOffset: offset, as: type))
          let reference = unsafe Word(littleEndian: other.loadUnaligned(fromByteOffset: offset, as: type))
          unsafe values.storeBytes(of: body(value, reference).littleEndian, toByteOffset: offset, as: type)
        }
      }
    }
  }

  /// Sign and magnitude become a number that grows with the value: all bits of negative patterns turn, the sign of others.
  @inline(__always) private static func ordered<Word: FixedWidthInteger & UnsignedInteger>(_ bits: Word) -> Word {
    let isNegative = bits &>> (Word.bitWidth - 1)
    return bits ^ ((0 &- isNegative) | Word(1) &<< (Word.bitWidth - 1))
  }

  @inline(__always) private static func pattern<Word: FixedWidthInteger & UnsignedInteger>(_ ordered: Word) -> Word {
    let isPositive = ordered &>> (Word.bitWidth - 1)
    return ordered ^ ((isPositive &- 1) | Word(1) &<< (Word.bitWidth - 1))
  }

  /// Zigzag: 0, -1, 1, -2 and so on become 0, 1, 2, 3.
  @inline(__always) private static func difference<Word: FixedWidthInteger & UnsignedInteger>(_ value: Word, _ base: Word) -> Word {
    let step = ordered(value) &- ordered(base)
    return (step &<< 1) ^ (0 &- (step &>> (Word.bitWidth - 1)))
  }

  @inline(__always) private static func sum<Word: FixedWidthInteger & UnsignedInteger>(_ zigzag: Word, _ base: Word) -> Word {
    pattern(ordered(base) &+ ((zigzag &>> 1) ^ (0 &- (zigzag & 1))))
  }
}
