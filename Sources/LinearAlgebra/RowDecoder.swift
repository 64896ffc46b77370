public import Tensors

/// How a stored row of one element type becomes floats: the seam where block types come in.
///
/// A type is supported by the decoder once somebody has made a `RowDecoder` for it. Only the plain
/// definition is needed.
public struct RowDecoder: Sendable {
  /// Decodes `values.count` elements, a whole number of blocks, from exactly their bytes.
  public typealias Decode = @Sendable (_ bytes: RawSpan, _ values: inout MutableSpan<Float>) -> Void

  /// The stored type.
  public let type: ElementType
  let decode: Decode

  /// - Parameters:
  ///   - type: The stored type.
  ///   - decode: The definition, in plain Swift; it may trust that the two lengths fit.
  public init(_ type: ElementType, decode: @escaping Decode) {
    self.type = type
    self.decode = decode
  }

  /// Decodes elements from exactly their bytes.
  /// - Parameter values: As many floats as `bytes` holds elements.
  public func decode(_ bytes: RawSpan, into values: inout MutableSpan<Float>) {
    precondition(
      values.count % type.elementsPerBlock == 0
        && bytes.byteCount == values.count / type.elementsPerBlock * type.bytesPerBlock,
      "\(bytes.byteCount) bytes are not \(values.count) elements of \(type)")
    decode(bytes, &values)
  }
}
