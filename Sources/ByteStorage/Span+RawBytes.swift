extension Span<UInt8> {
  /// The same bytes without a type. Sound because bytes have no padding.
  public var rawBytes: RawSpan {
    @_lifetime(copy self)
    get { unsafe bytes }
  }
}
