internal import ByteStorage
internal import Conversion
internal import LinearAlgebra
internal import Quantization
internal import Tensors

/// A tensor as a type would store it, in memory: what an experiment decodes in its source's place.
struct EncodedTensor: TensorSource {
  let tensors: [TensorDescriptor]
  private let bytes: [UInt8]

  private init(_ descriptor: TensorDescriptor, _ bytes: [UInt8]) { (tensors, self.bytes) = ([descriptor], bytes) }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    let span = bytes.rawBytes
    return try body(span)
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    let span = bytes.rawBytes
    buffer.copy(span.extracting(offset..<offset + buffer.byteCount), to: 0)
  }

  /// Elements that are encoded at a time, unless a row is longer.
  private static let elementsAtATime = 256 << 10

  /// Encodes a matrix, as a conversion would.
  /// - Parameter importance: How much columns count; nil where all count the same.
  /// - Returns: The tensor, and its weighed error: `sum w (x - decoded)^2 / sum w x^2`.
  /// - Throws: What reading throws; `unsupported` for values that the type cannot hold; `interrupted`.
  static func encoding(
    _ tensor: StoredTensor, as format: StorageFormat, importance: [Float]?, threads: Int, cancellation: Cancellation
  ) throws(GriffinError) -> (tensor: EncodedTensor, error: WeighedError) {
    let (shape, name) = (tensor.descriptor.shape, tensor.descriptor.name)
    guard let rows = StoredRows(tensor), let encoder = format.encoder else {
      throw GriffinError(.unsupported, tensor: name, "its elements are \(tensor.descriptor.type), which cannot be converted to \(format.type)")
    }
    let (columns, rowCount) = (shape.rowLength, shape.rowCount)
    let rowBytes = columns / format.type.elementsPerBlock * format.type.bytesPerBlock
    let rowsAtATime = max(1, elementsAtATime / max(columns, 1))
    let jobs = (rowCount + rowsAtATime - 1) / rowsAtATime
    let parts = Locked([(bytes: [UInt8], error: WeighedError)](repeating: ([], WeighedError()), count: jobs))
    try Workers.run(threads, jobs: jobs, makeState: {}) { job, _ throws(GriffinError) in
      try cancellation.check()
      let range = job * rowsAtATime..<min((job + 1) * rowsAtATime, rowCount)
      let values = try rows.values(range)
      try ValueCheck.check(values.span, for: format, firstElement: range.lowerBound * columns, name: name)
      var encoded = [UInt8](repeating: 0, count: range.count * rowBytes)
      do {
        var span = encoded.mutableSpan
        var target = unsafe span.mutableBytes
        encoder.encode(values.span, columns: columns, importance: importance, into: &target)
      }
      var decoded = [Float](repeating: 0, count: values.count)
      do {
        let source = encoded.rawBytes
        var target = decoded.mutableSpan
        format.decoder.decode(source, into: &target, using: .best)
      }
      let part = (encoded, WeighedError(values, decoded, columns: columns, importance: importance))
      parts.withLock { $0[job] = part }
    }
    let done = parts.withLock { $0 }
    var (bytes, error): ([UInt8], WeighedError) = ([], WeighedError())
    bytes.reserveCapacity(rowCount * rowBytes)
    for part in done {
      bytes += part.bytes
      error.add(part.error)
    }
    do {
      return (EncodedTensor(try TensorDescriptor(name: name, type: format.type, shape: shape), bytes), error)
    } catch {
      throw GriffinError(.unsupported, tensor: name, "it cannot be stored as \(format.type): \(error)")
    }
  }
}

/// How far decoded values are from their source's, by the weight of their columns.
struct WeighedError: Sendable {
  private var (difference, whole) = (0.0, 0.0)

  init() {}

  /// - Parameter importance: `[columns]`; nil where all count the same.
  init(_ values: [Float], _ decoded: [Float], columns: Int, importance: [Float]?) {
    for index in values.indices {
      let (value, step) = (Double(values[index]), Double(decoded[index]) - Double(values[index]))
      let weight = importance.map { Double($0[index % columns]) } ?? 1
      difference += weight * step * step
      whole += weight * value * value
    }
  }

  mutating func add(_ other: WeighedError) {
    difference += other.difference
    whole += other.whole
  }

  /// A share of the whole; zero of nothing.
  var relative: Double { whole > 0 ? difference / whole : 0 }
}
