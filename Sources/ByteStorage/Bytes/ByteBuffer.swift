/// A block of memory of its own, aligned for direct I/O and vector loads, zeroed at birth.
///
/// Sound because the pointer is owned: allocated here, released in `deinit`, lent only as spans.
@safe public struct ByteBuffer: ~Copyable, @unchecked Sendable {  // the pointer is never shared
  private let base: UnsafeMutableRawPointer
  public let byteCount: Int

  /// - Parameter byteCount: Bytes to allocate; the caller has bounded it.
  public init(byteCount: Int) {
    precondition(byteCount >= 0, "negative byte count")
    self.byteCount = byteCount
    unsafe base = .allocate(byteCount: max(byteCount, 1), alignment: 4096)
    unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  deinit { unsafe base.deallocate() }

  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: byteCount)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  public var mutableBytes: MutableRawSpan {
    @_lifetime(&self)
    mutating get {
      let span = unsafe MutableRawSpan(_unsafeStart: base, byteCount: byteCount)
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  /// The first `count` bytes; traps where there are fewer.
  @_lifetime(&self)
  public mutating func mutablePrefix(_ count: Int) -> MutableRawSpan { mutablePart(0..<count) }

  /// The bytes of a range; traps where it is not within the buffer.
  @_lifetime(&self)
  public mutating func mutablePart(_ range: Range<Int>) -> MutableRawSpan {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "a range out of the buffer")
    let span = unsafe MutableRawSpan(_unsafeStart: base + range.lowerBound, byteCount: range.count)
    return unsafe _overrideLifetime(span, mutating: &self)
  }
}
