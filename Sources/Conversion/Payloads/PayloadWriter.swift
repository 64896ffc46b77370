package import ByteStorage
internal import LinearAlgebra
internal import Quantization
internal import Tensors

/// What one thread reads, converts, hashes and writes with: memory of a bounded size.
package struct PayloadWriter: ~Copyable {
  private let sink: any PayloadSink
  private let cancellation: Cancellation
  private let meter: ProgressMeter
  /// Bytes that are read at a time.
  private let chunkByteCount: Int
  private var source: ByteBuffer
  private let measuresErrors: Bool
  /// How far the last tensor's values moved, where that is measured and they were encoded.
  private(set) var error: ErrorMeasure?

  /// Elements that are converted at a time, unless a row is longer: what fits a second-level cache.
  private static let elementsAtATime = 128 << 10

  package init(
    _ sink: any PayloadSink, chunkByteCount: Int, measuresErrors: Bool, cancellation: Cancellation, meter: ProgressMeter
  ) {
    self.measuresErrors = measuresErrors
    (self.sink, self.chunkByteCount, self.cancellation, self.meter) = (sink, chunkByteCount, cancellation, meter)
    source = ByteBuffer(byteCount: chunkByteCount)
  }

  /// Converts a tensor chunk by chunk.
  /// - Parameter rows: The rows to do; nil for all, which are then held against the digest that the source states.
  /// - Returns: SHA-256 of what was written, of the payload where that is all of it.
  /// - Throws: What reading and writing throw; `malformed` where the source states another digest of what was read;
  ///   `unsupported` for values that the type cannot hold; `interrupted`.
  package mutating func write(
    _ tensor: StoredTensor, by conversion: TensorConversion, toPayload index: Int, name: String, rows: Range<Int>? = nil
  ) throws(GriffinError) -> SHA256Digest {
    error = nil
    switch conversion {
    case .copy: return try copy(tensor, rows, toPayload: index, name: name)
    case .encode(let decoder, let format, let importance):
      return try encode(tensor, rows, from: decoder, to: format, importance: importance, toPayload: index, name: name)
    }
  }

  private mutating func copy(
    _ tensor: StoredTensor, _ some: Range<Int>?, toPayload index: Int, name: String
  ) throws(GriffinError) -> SHA256Digest {
    var hasher = SHA256Hasher()
    let descriptor = tensor.descriptor
    let range = some.map { rows in
      let row = descriptor.byteCount / descriptor.shape.rowCount
      return rows.lowerBound * row..<rows.upperBound * row
    } ?? 0..<descriptor.byteCount
    var offset = range.lowerBound
    while offset < range.upperBound {
      let count = min(chunkByteCount, range.upperBound - offset)
      try cancellation.check()
      var chunk = source.mutablePrefix(count)
      try tensor.read(at: offset, into: &chunk)
      let bytes = source.bytes.extracting(0..<count)
      hasher.update(bytes)
      try sink.write(bytes, toPayload: index, at: offset)
      meter.add(count)
      offset += count
    }
    let digest = hasher.finalize()
    if some == nil { try tensor.check(digest, name: name) }
    return digest
  }

  private mutating func encode(
    _ tensor: StoredTensor, _ some: Range<Int>?, from decoder: RowDecoder, to format: StorageFormat, importance: [Float]?, toPayload index: Int,
    name: String
  ) throws(GriffinError) -> SHA256Digest {
    guard let encoder = format.encoder else { preconditionFailure("\(format.type) is not encoded") }
    let shape = tensor.descriptor.shape
    // Plain numbers have no rows to keep together, and a vector may be one long row.
    let isPlain = decoder.type.category != .block && format.type.category != .block
    let columns = isPlain ? 1 : shape.rowLength
    let perRow = shape.rowLength / max(columns, 1)
    let rows = shape.elementCount / max(columns, 1)
    let range = some.map { $0.lowerBound * perRow..<$0.upperBound * perRow } ?? 0..<rows
    let isWhole = some == nil
    let rowsAtATime = max(1, min(PayloadWriter.elementsAtATime, chunkByteCount / 4) / max(columns, 1))
    let sourceRow = columns / decoder.type.elementsPerBlock * decoder.type.bytesPerBlock
    let targetRow = columns / format.type.elementsPerBlock * format.type.bytesPerBlock
    var source = ByteBuffer(byteCount: min(rows, rowsAtATime) * sourceRow)
    var encoded = ByteBuffer(byteCount: min(rows, rowsAtATime) * targetRow)
    var values = [Float](repeating: 0, count: min(rows, rowsAtATime) * columns)

    var (sourceHasher, hasher) = (SHA256Hasher(), SHA256Hasher())
    var measure = ErrorMeasure()
    var decoded = measuresErrors ? values : []
    for row in stride(from: range.lowerBound, to: range.upperBound, by: rowsAtATime) {
      let count = min(rowsAtATime, range.upperBound - row)
      try cancellation.check()
      var chunk = source.mutablePrefix(count * sourceRow)
      try tensor.read(at: row * sourceRow, into: &chunk)
      let bytes = source.bytes.extracting(0..<count * sourceRow)
      if tensor.digest != nil, isWhole { sourceHasher.update(bytes) }
      if values.count > count * columns { values.removeLast(values.count - count * columns) }
      PayloadWriter.decode(bytes, by: decoder, into: &values)
      try ValueCheck.check(values.span, for: format, firstElement: row * columns, name: name)
      PayloadWriter.encode(values.span, columns: isPlain ? values.count : columns, importance, by: encoder, into: &encoded)
      let result = encoded.bytes.extracting(0..<count * targetRow)
      hasher.update(result)
      if measuresErrors {
        if decoded.count > values.count { decoded.removeLast(decoded.count - values.count) }
        PayloadWriter.decode(result, by: format.decoder, into: &decoded)
        measure.add(values.span, decoded: decoded.span)
      }
      try sink.write(result, toPayload: index, at: row * targetRow)
      meter.add(count * sourceRow)
    }
    if tensor.digest != nil, isWhole { try tensor.check(sourceHasher.finalize(), name: name) }
    if measuresErrors { error = measure }
    return hasher.finalize()
  }

  /// Whether a payload that an earlier run wrote is there, by its SHA-256.
  mutating func holds(payload index: Int, byteCount: Int, digest: SHA256Digest) throws(GriffinError) -> Bool {
    try self.digest(ofPayload: index, byteCount: byteCount) == digest
  }

  /// SHA-256 of a payload that was written in pieces; nil where it cannot be read back.
  mutating func digest(ofPayload index: Int, byteCount: Int) throws(GriffinError) -> SHA256Digest? {
    try sink.digest(ofPayload: index, 0..<byteCount, through: &source, cancellation: cancellation)
  }

  /// Reads a tensor through and holds it against the digest that its source states.
  /// - Throws: `malformed` where it is another; what reading throws.
  package mutating func check(_ tensor: StoredTensor) throws(GriffinError) {
    try tensor.check(tensor.contentDigest(through: &source, cancellation: cancellation), name: tensor.descriptor.name)
  }

  /// Hashes a weight file for the provenance.
  mutating func hash(_ file: InputFile) throws(GriffinError) -> SHA256Digest {
    try SHA256Digest(of: file, through: &source, cancellation: cancellation, meter: meter)
  }

  private static func decode(_ bytes: RawSpan, by decoder: RowDecoder, into values: inout [Float]) {
    var span = values.mutableSpan
    decoder.decode(bytes, into: &span, using: .best)
  }

  private static func encode(
    _ values: Span<Float>, columns: Int, _ importance: [Float]?, by encoder: RowEncoder, into buffer: inout ByteBuffer
  ) {
    let type = encoder.type
    var target = buffer.mutablePrefix(values.count / type.elementsPerBlock * type.bytesPerBlock)
    encoder.encode(values, columns: columns, importance: importance, into: &target)
  }
}
