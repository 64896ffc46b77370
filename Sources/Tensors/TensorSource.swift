/// Named, typed tensors whose bytes are borrowed on demand.
///
/// Checkpoints and bundles meet only here: whoever holds a `TensorSource` cannot tell packed
/// weights from original ones. Tensors are addressed by their index in `tensors`.
public protocol TensorSource: Sendable {
  /// Every tensor, in a stable order; names are unique.
  var tensors: [TensorDescriptor] { get }

  /// Lends a tensor's bytes, contiguous and row-major, for the duration of `body`.
  ///
  /// Where the storage is mapped nothing is copied. A strided view is gathered into memory first,
  /// so callers that only stream should use `read(_:at:into:)`.
  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result

  /// Copies bytes `[offset, offset + buffer.byteCount)` of a tensor's contiguous row-major form.
  ///
  /// Reads with `pread`, so a file that shrank is an error and not a signal.
  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws
}

/// A `TensorSource` with its names looked up once.
public struct TensorTable: Sendable {
  public let source: any TensorSource
  private let indices: [String: Int]

  public init(_ source: any TensorSource) {
    self.source = source
    // Names differ in bytes, yet Unicode may call two of them equal; the first counts.
    self.indices = Dictionary(source.tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The index of a tensor by name.
  public func index(of name: String) -> Int? { indices[name] }

  /// The descriptor of a tensor by name.
  public subscript(name: String) -> TensorDescriptor? { indices[name].map { source.tensors[$0] } }
}
