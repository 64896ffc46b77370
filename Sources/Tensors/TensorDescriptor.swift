/// What a tensor is called and how it is stored; never its bytes.
public struct TensorDescriptor: Sendable, Hashable {
  /// The name, unique within its source. In bundles prefixed by component: `target/…` or `draft/…`.
  public let name: String
  public let type: ElementType
  public let shape: Shape
  /// Bytes of the tensor in contiguous row-major order.
  public let byteCount: Int

  /// - Throws: `TensorError` where rows are not whole blocks or the size does not fit.
  public init(name: String, type: ElementType, shape: Shape) throws(TensorError) {
    // Blocks never straddle rows, so the innermost dimension alone must divide.
    let rowBytes: Int
    if type.category == .block {
      rowBytes = try type.byteCount(elements: shape.rowLength)
      let (bytes, overflow) = rowBytes.multipliedReportingOverflow(by: shape.rowCount)
      guard !overflow else { throw .byteCountOverflow(type, elements: shape.elementCount) }
      self.byteCount = bytes
    } else {
      self.byteCount = try type.byteCount(elements: shape.elementCount)
    }
    (self.name, self.type, self.shape) = (name, type, shape)
  }
}
