internal import Conversion
internal import ByteStorage
internal import Tensors

/// A matrix with one vector added to each of its rows, as floats.
struct ShiftedSource: TensorSource {
  let tensors: [TensorDescriptor]
  private let rows: StoredRows
  private let shift: [Float]

  /// - Throws: `unsupported` for a type that is not decoded.
  init(_ stored: StoredTensor, name: String, by shift: [Float]) throws(GriffinError) {
    let descriptor = stored.descriptor
    guard let rows = StoredRows(stored),
      let floats = try? TensorDescriptor(name: name, type: .f32, shape: descriptor.shape)
    else { throw GriffinError(.unsupported, tensor: name, "\(descriptor.type) is not decoded") }
    precondition(shift.count == descriptor.shape.rowLength, "a vector of another length than rows")
    (self.rows, self.shift, tensors) = (rows, shift, [floats])
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
    let wanted = start / shift.count..<(end + shift.count - 1) / shift.count
    let values = try rows.values(wanted)
    for element in start..<end {
      let value = values[element - wanted.lowerBound * shift.count] + shift[element % shift.count]
      buffer.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: 4 * (element - start), as: UInt32.self)
    }
  }
}
