/// Copying whole runs of bytes.
///
/// Sound because both ranges are checked before the copy.
extension MutableRawSpan {
  /// Copies `source` to the bytes from `offset` on; traps where it does not fit.
  public mutating func copy(_ source: RawSpan, to offset: Int) {
    precondition(offset >= 0 && source.byteCount <= byteCount - offset, "the bytes do not fit")
    guard source.byteCount > 0 else { return }
    unsafe withUnsafeMutableBytes { target in
      unsafe source.withUnsafeBytes { bytes in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: bytes)
      }
    }
  }

  /// Makes all bytes zero.
  mutating func fillWithZeros() {
    unsafe withUnsafeMutableBytes { unsafe _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
  }
}
