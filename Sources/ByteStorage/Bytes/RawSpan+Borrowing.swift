/// Bytes at hand, lent as a `RawSpan`.
///
/// Sound because bytes have no padding and no invalid values, and the span borrows its owner.
extension [UInt8] {
  @inlinable public var rawBytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let bytes = unsafe span.bytes
      return unsafe _overrideLifetime(bytes, borrowing: self)
    }
  }
}

extension Span<UInt8> {
  /// The same bytes, lent as long as the span.
  public var rawBytes: RawSpan {
    @_lifetime(copy self)
    get { unsafe bytes }
  }
}

extension String {
  /// The text's UTF-8.
  public var rawBytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let bytes = unsafe utf8Span.span.bytes
      return unsafe _overrideLifetime(bytes, borrowing: self)
    }
  }
}
