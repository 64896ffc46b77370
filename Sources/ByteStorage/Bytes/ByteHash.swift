/// A hash of short byte strings that no file can aim at: the secrets of each are drawn at random.
///
/// Eight bytes at a time are multiplied into 128 bits and folded, which is a few nanoseconds for a word of a text.
public struct ByteHash: Sendable {
  @usableFromInline let first = UInt64.random(in: .min ... .max)
  @usableFromInline let second = UInt64.random(in: .min ... .max) | 1

  public init() {}

  /// The hash of the bytes at `range`.
  @inlinable
  public func callAsFunction(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> UInt64 {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.byteCount, "range out of bounds")
    var state = first ^ UInt64(range.count)
    var (position, left) = (range.lowerBound, range.count)
    // Sound: the range was checked above, and `left` bytes are left of it at `position`.
    while left >= 8 {
      let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
      state = ByteHash.fold(state ^ word, second)
      position += 8
      left -= 8
    }
    return unsafe ByteHash.fold(state ^ ByteHash.word(bytes, position, left), first | 1)
  }

  /// Unsafe because the caller has checked that `count` bytes, at most eight, are there.
  @unsafe @inlinable @inline(__always)
  static func word(_ bytes: borrowing RawSpan, _ position: Int, _ count: Int) -> UInt64 {
    if count >= 4 {
      let low = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self)
      let high = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position + count - 4, as: UInt32.self)
      return UInt64(low) | UInt64(high) << 32
    }
    guard count > 0 else { return 0 }
    return UInt64(bytes[position]) | UInt64(bytes[position + count / 2]) << 8 | UInt64(bytes[position + count - 1]) << 16
  }

  /// The hash of one word.
  @inlinable @inline(__always)
  public func callAsFunction(_ word: UInt64) -> UInt64 { ByteHash.fold(word ^ first, second) }

  @inlinable @inline(__always)
  static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
