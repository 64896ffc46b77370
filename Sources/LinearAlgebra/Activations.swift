/// A matrix of floats, `[tokens, columns]`: what flows between the layers of a model.
///
/// Rows start on 64-byte boundaries and are padded with zeros to whole groups of 16 floats, the
/// lanes of a dot product. The token count may change within the capacity without allocating, so a
/// buffer serves passes of any width.
///
/// Sound because the memory is owned: allocated here, zeroed, released in `deinit`, lent only as
/// spans that cannot outlive the matrix.
@safe public struct Activations: ~Copyable, @unchecked Sendable {  // memory is reached only through borrowing or inout
  /// Floats of one row that mean something.
  public let columns: Int
  /// Floats from one row to the next, so that the rows of a tile do not compete for the same places of the cache where
  /// `columns` is a power of two: an odd multiple of 16, and of wide rows one of 512, as many as a panel has columns.
  public let stride: Int
  /// Rows in use.
  public private(set) var tokens: Int
  /// Rows that fit without allocating.
  public private(set) var capacity: Int

  private(set) var base: UnsafeMutablePointer<Float>

  /// Makes a matrix of zeros.
  /// - Parameters:
  ///   - tokens: Rows in use at first.
  ///   - columns: Floats per row; the caller has bounded it.
  ///   - capacity: Rows that fit without allocating again; at least `tokens`.
  public init(tokens: Int = 0, columns: Int, capacity: Int = 0) {
    precondition(tokens >= 0 && columns > 0, "a matrix has columns, and no negative number of rows")
    self.columns = columns
    let unit = columns < 2048 ? laneCount : panelColumns
    self.stride = ((columns + unit - 1) / unit | 1) * unit
    self.tokens = tokens
    self.capacity = max(tokens, capacity, 1)
    unsafe base = Activations.allocate(floats: self.capacity * stride)
  }

  deinit { unsafe base.deallocate() }

  /// Changes the number of rows in use. Rows that stay keep their values; rows that appear hold
  /// zeros or what they held before. Allocates only beyond `capacity`.
  public mutating func resize(tokens count: Int) {
    precondition(count >= 0, "negative token count")
    if count > capacity {
      let larger = unsafe Activations.allocate(floats: count * stride)
      unsafe larger.update(from: base, count: tokens * stride)
      unsafe base.deallocate()
      unsafe base = larger
      capacity = count
    }
    tokens = count
  }

  /// One row, without its padding.
  @_lifetime(borrow self)
  public func row(_ token: Int) -> Span<Float> {
    precondition(token >= 0 && token < tokens, "row \(token) of \(tokens)")
    let span = unsafe Span(_unsafeStart: UnsafePointer(base + token * stride), count: columns)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// A copy of one row, without its padding.
  public func values(ofRow token: Int) -> [Float] {
    precondition(token >= 0 && token < tokens, "row \(token) of \(tokens)")
    return unsafe [Float](UnsafeBufferPointer(start: base + token * stride, count: columns))
  }

  /// One row for writing, without its padding.
  @_lifetime(&self)
  public mutating func mutableRow(_ token: Int) -> MutableSpan<Float> {
    precondition(token >= 0 && token < tokens, "row \(token) of \(tokens)")
    let span = unsafe MutableSpan(_unsafeStart: base + token * stride, count: columns)
    return unsafe _overrideLifetime(span, mutating: &self)
  }

  /// Copies one row of another matrix of the same width.
  public mutating func copyRow(_ source: Int, of other: borrowing Activations, to token: Int) {
    precondition(other.columns == columns, "rows of \(other.columns) and \(columns) columns")
    precondition(source >= 0 && source < other.tokens && token >= 0 && token < tokens, "row out of range")
    unsafe (base + token * stride).update(from: other.base + source * stride, count: columns)
  }

  private static func allocate(floats: Int) -> UnsafeMutablePointer<Float> {
    let bytes = floats * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    return unsafe raw.initializeMemory(as: Float.self, repeating: 0, count: floats)
  }
}
