package import LinearAlgebra
package import Quantization
package import Tensors

/// How the bytes of one tensor become those of its payload.
///
/// The one place that knows which types can become which; what cannot has no value.
package enum TensorConversion: Sendable {
  /// Byte for byte.
  case copy
  /// Row by row through floats.
  case encode(from: RowDecoder, to: StorageFormat, importance: [Float]?)

  /// Whether errors are measured where that is asked for.
  func isMeasured(_ measuresErrors: Bool) -> Bool {
    if case .encode = self { measuresErrors } else { false }
  }

  package init?(from source: TensorDescriptor, to type: ElementType, importance: [Float]?) {
    if source.type == type {
      self = .copy
    } else if let decoder = StorageFormat.of(source.type)?.decoder, let format = StorageFormat.of(type), format.encoder != nil {
      self = .encode(from: decoder, to: format, importance: importance)
    } else {
      return nil
    }
  }
}
