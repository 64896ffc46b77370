extension Span<UInt8> {
  /// The scalar whose UTF-8 begins at `position`, and its bytes. The span holds valid UTF-8.
  @inlinable public func scalar(at position: Int) -> (value: UInt32, byteCount: Int) {
    let first = UInt32(self[position])
    func next(_ offset: Int) -> UInt32 { UInt32(self[position + offset] & 0x3F) }
    switch first {
    case 0..<0x80: return (first, 1)
    case 0..<0xE0: return ((first & 0x1F) << 6 | next(1), 2)
    case 0..<0xF0: return ((first & 0x0F) << 12 | next(1) << 6 | next(2), 3)
    default: return ((first & 0x07) << 18 | next(1) << 12 | next(2) << 6 | next(3), 4)
    }
  }

  /// Where the scalar that ends before `position` begins.
  @inlinable public func scalarStart(before position: Int) -> Int {
    var start = position - 1
    while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }
}
