internal import Conversion
internal import LinearAlgebra
internal import Quantization
internal import ByteStorage
internal import Tensors

/// A matrix with one vector added to each of its rows, as floats.
struct ShiftedSource: TensorSource {
  let tensors: [TensorDescriptor]
  private let stored: StoredTensor
  private let decoder: RowDecoder
  private let shift: [Float]

  /// - Throws: `unsupported` for a type that is not decoded.
  init(_ stored: StoredTensor, name: String, by shift: [Float]) throws(GriffinError) {
    let descriptor = stored.descriptor
    guard let decoder = StorageFormat.of(descriptor.type)?.decoder,
      let floats = try? TensorDescriptor(name: name, type: .f32, shape: descriptor.shape)
    else { throw GriffinError(.unsupported, tensor: name, "\(descriptor.type) is not decoded") }
    precondition(shift.count == descriptor.shape.rowLength, "a vector of another length than rows")
    (self.stored, self.decoder, self.shift, tensors) = (stored, decoder, shift, [floats])
  }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    var buffer = ByteBuffer(byteCount: tensors[index].byteCount)
    do {
      var bytes = buffer.mutableBytes
      try read(index, at: 0, into: &bytes)
    }
    return try body(buffer.bytes)
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    precondition(offset % 4 == 0 && buffer.byteCount % 4 == 0, "floats are read whole")
    let (start, end) = (offset / 4, (offset + buffer.byteCount) / 4)
    let rows = start / shift.count..<(end + shift.count - 1) / shift.count
    let values = try StoredRows(stored, decoder).values(rows)
    for element in start..<end {
      let value = values[element - rows.lowerBound * shift.count] + shift[element % shift.count]
      buffer.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: 4 * (element - start), as: UInt32.self)
    }
  }
}

/// Rows of a stored matrix as floats.
struct StoredRows {
  private let stored: StoredTensor
  private let decoder: RowDecoder

  init(_ stored: StoredTensor, _ decoder: RowDecoder) { (self.stored, self.decoder) = (stored, decoder) }

  /// nil for a type that is not decoded.
  init?(_ stored: StoredTensor) {
    guard let decoder = StorageFormat.of(stored.descriptor.type)?.decoder else { return nil }
    self.init(stored, decoder)
  }

  /// - Throws: What reading throws.
  func values(_ rows: Range<Int>) throws(GriffinError) -> [Float] {
    let descriptor = stored.descriptor
    let columns = descriptor.shape.rowLength
    let rowByteCount = columns / descriptor.type.elementsPerBlock * descriptor.type.bytesPerBlock
    var buffer = ByteBuffer(byteCount: rows.count * rowByteCount)
    do {
      var bytes = buffer.mutableBytes
      try stored.read(at: rows.lowerBound * rowByteCount, into: &bytes)
    }
    var values = [Float](repeating: 0, count: rows.count * columns)
    var span = values.mutableSpan
    let bytes = buffer.bytes
    decoder.decode(bytes, into: &span, using: .best)
    return values
  }
}
