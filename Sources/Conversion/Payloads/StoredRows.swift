package import ByteStorage
internal import LinearAlgebra
internal import Quantization
internal import Tensors

/// Rows of a stored matrix as floats; a vector is one row.
package struct StoredRows: Sendable {
  private let stored: StoredTensor
  private let decoder: RowDecoder

  /// nil for a type that is not decoded.
  package init?(_ stored: StoredTensor) {
    guard let decoder = StorageFormat.of(stored.descriptor.type)?.decoder else { return nil }
    (self.stored, self.decoder) = (stored, decoder)
  }

  /// - Throws: What reading throws.
  package func values(_ rows: Range<Int>) throws(GriffinError) -> [Float] {
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
